import Audit
import Contracts
import Postgres
import RPC
import Wire

/// What a user is called and where he is reached, as somebody typed it; each part has its own
/// refusal.
struct Profile: Sendable {
    let displayName: String
    let email: EmailAddress?
    let phone: PhoneNumber?
    let locale: String

    /// - Parameters:
    ///   - userName: What he is called where no other name is given.
    ///   - defaultLocale: His language where none is given.
    init(
        of userName: String, displayName: String, email: String = "", phone: String = "",
        locale: String, defaultLocale: String
    ) throws(Fault) {
        self.email = email.isEmpty ? nil : EmailAddress(parsing: email)
        guard email.isEmpty == (self.email == nil) else { throw Fault(.emailInvalid) }
        self.phone = phone.isEmpty ? nil : PhoneNumber(parsing: phone)
        guard phone.isEmpty == (self.phone == nil) else { throw Fault(.phoneInvalid) }
        guard let shown = DisplayName(parsing: displayName.isEmpty ? userName : displayName)
        else { throw Fault(.malformed, detail: "a display name that cannot be shown") }
        self.displayName = shown.text
        guard let tag = LanguageTag(parsing: locale.isEmpty ? defaultLocale : locale) else {
            throw Fault(.malformed, detail: "no language tag")
        }
        self.locale = tag.text
    }
}

extension AccountHandlers {
    /// Where mail goes and what signs in, an administrator alone changes.
    func updateProfile(
        _ request: UpdateProfile, _ call: Call
    ) async throws(Fault) -> AccountView {
        let account = try await gateway.session(of: call).account
        guard request.locale.isEmpty || MessageLanguage(rawValue: request.locale) != nil else {
            throw Fault(.malformed, detail: "no language of mails")
        }
        let profile = try Profile(
            of: account.userName, displayName: request.displayName, locale: request.locale,
            defaultLocale: gateway.defaultLocale)
        try await stored { () throws(PostgresFault) in
            try await gateway.accounts.changeProfile(
                of: account.id, to: profile,
                audit: call.audit(.profileChanged, actor: account.id, subject: account.id))
        }
        return AccountView(try await gateway.session(of: call))
    }
}

extension AdminHandlers {
    /// Sessions go on: what was proved in them was proved. Where this breaks off behind a change
    /// of the address, what is left is done by `Mending`.
    func updateUser(_ request: UpdateUser, _ call: Call) async throws(Fault) -> UserView {
        let admin = try await administrator(over: request.user, because: request.reason, call)
        let account = try await find(request.user)
        let profile = try Profile(
            of: account.userName, displayName: request.displayName, email: request.email,
            phone: request.phone, locale: request.locale, defaultLocale: gateway.defaultLocale)
        let change: Accounts.ProfileChange
        do throws(AccountConflict) {
            change = try await gateway.accounts.changeEverything(
                of: account, to: profile, by: admin.account.id,
                audit: call.audit(
                    .userUpdated, actor: admin.account.id, subject: account.id,
                    details: ["reason": request.reason]))
        } catch {
            throw error.fault
        }
        switch change {
        case .notFound: throw Fault(.userNotFound)
        case .done(let earlierAddress?):
            try await gateway.leave(earlierAddress, of: account.id, call)
        case .done(nil): break
        }
        return await gateway.view(of: try await find(account.id), call)
    }
}

extension Gateway {
    /// Ends what was sent to an address that is the user's no more, and tells it. May be done
    /// again.
    func leave(_ address: String, of user: UserID, _ call: Call) async throws(Fault) {
        let account = try await stored { () throws(PostgresFault) in try await accounts.get(user) }
        let receiver = account.map {
            NoticeReceiver(address: address, locale: $0.locale, displayName: $0.displayName)
        }
        _ = try await verification.endLinks(EndLinks(user: user, notify: receiver), call)
        _ = try await done(.addressChange, user)
    }
}

extension Accounts {
    /// What a change of name and addresses came to.
    enum ProfileChange: Sendable {
        case done(earlierAddress: String?)
        case notFound
    }

    /// What has changed stands in the audit by the names of its columns, never by its values.
    private static let changedFields: SQL = """
        jsonb_build_object('fields', array_to_string(changed.fields, ','))
        """

    /// Changes name and language; nothing of a user who is not active or disabled.
    func changeProfile(
        of id: UserID, to profile: Profile, audit: AuditEntry
    ) async throws(PostgresFault) {
        _ = try await pool.query(
            """
            WITH called AS MATERIALIZED (
                SELECT auth.change_profile(\(id), \(profile.displayName), \(profile.locale))
                    AS fields
            ), changed AS (SELECT fields FROM called WHERE cardinality(fields) > 0),
            \(audit.row(from: "changed", details: Self.changedFields))
            SELECT true FROM changed
            """)
    }

    /// Changes all that an administrator may change. Of two users who are to have one address or
    /// number at once, one gets it.
    func changeEverything(
        of account: AccountRecord, to profile: Profile, by actor: UserID, audit: AuditEntry
    ) async throws(AccountConflict) -> ProfileChange {
        let id = account.id
        do throws(PostgresFault) {
            let rows = try await pool.query(
                """
                WITH called AS MATERIALIZED (
                    SELECT auth.change_profile(\(id), \(profile.displayName), \(profile.locale))
                        || a.changed AS fields, a.earlier_mail
                    FROM auth.change_addresses(\(id), \(profile.email?.text),
                        \(profile.email?.key), \(profile.phone?.text)) a
                ), changed AS (SELECT fields FROM called WHERE cardinality(fields) > 0),
                moved AS (SELECT \(id)::uuid AS id FROM called WHERE earlier_mail IS NOT NULL),
                \(Unfinished.begun(
                    .addressChange, by: actor, because: account.email ?? "", from: "moved")),
                \(audit.row(from: "changed", details: Self.changedFields))
                SELECT earlier_mail FROM called
                """)
            guard let row = rows.first else { return .notFound }
            return .done(earlierAddress: try row.decode(String?.self))
        } catch {
            throw AccountConflict(error)
        }
    }
}
