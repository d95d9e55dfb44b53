/// The sentences of mails in Chinese, in simplified characters.
extension MailSentence {
    var chinese: String {
        switch self {
        case .subject(let kind, let product): "\(product)：\(Self.chineseSubject(kind))"
        case .greeting(nil): "您好："
        case .greeting(let name?): "\(name)，您好："
        case .lead(let kind, let title, let product): Self.chineseLead(kind, title, product)
        case .recoveryCodesLeft(0): "您已没有可用的恢复码，请尽快生成新的恢复码。"
        case .recoveryCodesLeft(1): "您还剩 1 个恢复码，请尽快生成新的恢复码。"
        case .recoveryCodesLeft(let left): "您还剩 \(left) 个恢复码。"
        case .codeWorksFor(let minutes): "验证码在 \(minutes) 分钟内有效，只能使用一次。"
        case .linkWorksFor(let minutes): "链接在 \(minutes) 分钟内有效，只能使用一次。"
        case .linkWorksForDays(let days): "链接在 \(days) 天内有效，只能使用一次。"
        case .neverTellCode: "请勿将验证码告诉任何人，我们的工作人员绝不会向您索取。"
        case .linkLabel: "设置新密码"
        case .accountLinkLabel: "设置您的账号"
        case .ignoreIfUnknown: "如果您不知道这封邮件是关于什么的，您无需做任何事。"
        case .ignoreIfNotYou: "如果这不是您本人的操作，您无需做任何事。如果再次发生，请修改密码。"
        case .notYouHeading: "不是您本人的操作？"
        case .notYouWithPage:
            "那么可能有其他人进入了您的账号。请在安全页面结束所有会话并设置新密码："
        case .notYouWithoutPage:
            "那么可能有其他人进入了您的账号。请登录，结束所有会话，设置新密码，并通知管理员。"
        case .securityPageLabel: "安全页面"
        case .timeLabel: "时间"
        case .placeLabel: "地点"
        case .deviceLabel: "设备"
        case .automatic(let product): "本邮件由 \(product) 自动发送，请勿回复。"
        }
    }

    private static func chineseSubject(_ kind: MailNotice.Kind) -> String {
        switch kind {
        case .codeForSignIn: "您的登录验证码"
        case .codeForBinding: "您的邮箱确认验证码"
        case .codeForStepUp: "您的身份确认验证码"
        case .passwordReset: "设置新密码"
        case .authenticatorBound: "已添加第二验证方式"
        case .authenticatorUnbound: "已移除第二验证方式"
        case .recoveryCodeUsed: "恢复码已被使用"
        case .recoveryCodesMade: "已生成新的恢复码"
        case .passwordChanged: "您的密码已修改"
        case .passwordDisabled: "您的密码已停用"
        case .newDevice: "有新设备登录"
        case .trustedDeviceReused: "受信任的设备已不再受信任"
        case .settingsWeakened: "双重验证设置已放宽"
        case .weakeningProposed: "有人申请放宽双重验证设置"
        case .test: "测试邮件"
        case .authenticatorDisabled: "第二验证方式已停用"
        case .passkeyDisabled: "通行密钥已停用"
        case .reportedNotMe: "您的所有会话已结束"
        case .invitation: "邀请您加入"
        case .signUp: "请确认您的邮箱"
        case .signUpKnown: "您已有账号"
        case .resetRequested: "一项重置等待另一位管理员批准"
        case .addressChanged: "您的邮箱地址已更改"
        }
    }

    private static func chineseLead(
        _ kind: MailNotice.Kind, _ title: String, _ product: String
    ) -> String {
        switch kind {
        case .codeForSignIn: "您登录 \(product) 的验证码是："
        case .codeForBinding: "将此邮箱绑定为 \(product) 第二验证方式的验证码是："
        case .codeForStepUp: "在 \(product) 确认您本人身份的验证码是："
        case .passwordReset: "有人（希望是您本人）请求为您在 \(product) 的账号设置新密码。"
        case .recoveryCodeUsed: "有人使用恢复码登录了您在 \(product) 的账号。"
        case .recoveryCodesMade: "您在 \(product) 的账号已生成新的恢复码，旧的恢复码不再有效。"
        case .passwordChanged: "您在 \(product) 的账号密码已修改。"
        case .invitation: "已为您在 \(product) 创建账号，请设置密码以启用。"
        case .signUp: "有人（希望是您本人）想用此邮箱在 \(product) 注册账号。"
        case .signUpKnown:
            "有人（希望是您本人）想用此邮箱在 \(product) 注册账号。该邮箱已有账号：请登录，或在那里申请新密码。"
        case .resetRequested:
            "\(product) 的一位管理员请求移除另一位管理员的第二验证方式，需由另一位管理员批准；任何管理员都可以拒绝。"
        case .test: "\(product) 的邮件已送达，无需任何操作。"
        case .addressChanged:
            "管理员已更改您在 \(product) 的账号的邮箱地址，今后有关该账号的通知将发送到新的邮箱。"
        case .passwordDisabled:
            "由于密码多次输入错误，您在 \(product) 的账号密码已被停用。请联系管理员重新启用。"
        case .trustedDeviceReused:
            "有人使用您的密码和您的受信任设备已用过的凭据登录 \(product)，该凭据可能已被复制。"
                + "该设备已不再受信任，登录时将再次要求第二验证方式。"
        case .newDevice: "有新设备登录了您在 \(product) 的账号。"
        case .reportedNotMe:
            "您在 \(product) 的账号中有人报告了非本人的登录。所有会话均已结束，下次使用密码登录时需要设置新密码。"
        case .settingsWeakened:
            "一位管理员放宽了 \(product) 的双重验证设置。如果您不清楚原因，请立即检查，设置可以恢复。"
        case .weakeningProposed:
            "一位管理员申请放宽 \(product) 的双重验证设置，目前尚未生效。如果您不清楚原因，请在生效前撤回。"
        case .authenticatorBound:
            "您在 \(product) 的账号已添加第二验证方式“\(title)”。"
        case .authenticatorUnbound:
            "您在 \(product) 的账号已移除第二验证方式“\(title)”。"
        case .authenticatorDisabled:
            "由于验证码多次输入错误，您在 \(product) 的账号的“\(title)”已被停用。请联系管理员重新设置。"
        case .passkeyDisabled:
            "您在 \(product) 的账号的“\(title)”的使用情况表明该通行密钥可能已被复制，因此已被停用。"
                + "请联系管理员设置新的通行密钥。"
        }
    }
}
