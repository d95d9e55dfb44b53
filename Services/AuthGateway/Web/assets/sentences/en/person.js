// What is asked of a user who is made or changed, and his first password.

export const sentences = {
  "person.user_name": "User name",
  "person.user_name_hint": "1 to 50 characters, without @ < > / or quotation marks.",
  "person.display_name": "Name",
  "person.email": "E-mail address",
  "person.phone": "Phone number",
  "person.phone_hint": "With the country code, as in +31201234567.",
  "person.locale": "Language of messages",
  "person.locale_usual": "Default",
  "person.administrator": "Administrator",
  "person.initial_password": "Initial password",
  "person.initial_password_title": (name) => `Initial password of ${name}`,
  "person.initial_password_why":
    "It is shown only now, and works for one sign-in within seven days.",
};
