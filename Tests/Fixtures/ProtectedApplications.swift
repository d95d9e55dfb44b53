/// Two applications behind nginx, `wiki.localhost` for level 1 and `vault.localhost` for level 2,
/// and the gateway's pages at `localhost`, all on one port. The applications show what they hear
/// of their user.
package enum ProtectedApplications {
    package static func settings(port: UInt16) -> [Installation.Name: [String: String]] {
        [
            .gateway: [
                "DUBBELSLOT_PUBLIC_ORIGINS": "http://localhost:\(port)",
                "DUBBELSLOT_PROTECTED_HOSTS":
                    "http://wiki.localhost:\(port)=1, http://vault.localhost:\(port)=2",
                "DUBBELSLOT_TRUSTED_PROXIES": "127.0.0.1",
            ],
            .verification: ["DUBBELSLOT_PASSWORD_HASH": "small_memory"],
        ]
    }

    package static func nginx(port: UInt16, before installation: Installation) throws -> Nginx {
        let gateway = "http://127.0.0.1:\(try installation.port("auth-gateway.http"))"
        let application = FreePort.take()
        return try Nginx(
            port: port,
            """
            proxy_http_version 1.1;
            proxy_set_header Host $http_host;
            proxy_set_header X-Forwarded-For $remote_addr;
            proxy_set_header X-Forwarded-Proto $scheme;
            proxy_set_header X-Forwarded-Host $http_host;
            server {
                listen 127.0.0.1:\(port) default_server;
                location / { proxy_pass \(gateway); }
            }
            server {
                listen 127.0.0.1:\(port);
                server_name wiki.localhost vault.localhost;
                location / {
                    auth_request /forward-auth;
                    auth_request_set $sign_in $upstream_http_dubbelslot_location;
                    auth_request_set $user $upstream_http_remote_user;
                    auth_request_set $groups $upstream_http_remote_groups;
                    auth_request_set $name $upstream_http_remote_name;
                    auth_request_set $email $upstream_http_remote_email;
                    error_page 401 =302 $sign_in;
                    proxy_set_header Host $http_host;
                    proxy_set_header Remote-User $user;
                    proxy_set_header Remote-Groups $groups;
                    proxy_set_header Remote-Name $name;
                    proxy_set_header Remote-Email $email;
                    proxy_pass http://127.0.0.1:\(application);
                }
                location = /forward-auth {
                    internal;
                    proxy_pass \(gateway);
                    proxy_pass_request_body off;
                    proxy_set_header Host $http_host;
                    proxy_set_header Content-Length "";
                    proxy_set_header X-Forwarded-For $remote_addr;
                    proxy_set_header X-Forwarded-Proto $scheme;
                    proxy_set_header X-Forwarded-Host $http_host;
                    proxy_set_header X-Forwarded-Method $request_method;
                    proxy_set_header X-Forwarded-Uri $request_uri;
                }
                location /.dubbelslot/ { proxy_pass \(gateway); }
            }
            server {
                listen 127.0.0.1:\(application);
                default_type text/html;
                location / {
                    return 200 "<!doctype html><title>$host</title><h1>$host</h1>
                        <p>user [$http_remote_user] groups [$http_remote_groups]</p>
                        <p>name [$http_remote_name] email [$http_remote_email]</p>";
                }
            }
            """)
    }
}
