/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "base/reason.h"

#include "base/catalog.h"

#define BUS(suffix) "org.antara1.Error." suffix

/* clang-format off */
static const ReasonFace faces[_REASON_MAX] = {
    [REASON_NONE] = {"failed", "server_error", 500, BUS("Failed"), N_("Something went wrong on our side.")},
    [REASON_BAD_REQUEST] = {"bad-request", "invalid_request", 400, BUS("InvalidArgument"), N_("That request is not well formed.")},
    [REASON_NOT_FOUND] = {"not-found", "invalid_request", 404, BUS("NotFound"), N_("There is no such thing.")},
    [REASON_EXISTS] = {"exists", "invalid_request", 409, BUS("Exists"), N_("That exists already.")},
    [REASON_READ_ONLY] = {"read-only", "invalid_request", 409, BUS("ReadOnly"), N_("The configuration file names it, so it is changed there.")},
    [REASON_NO_ROOM] = {"no-room", "temporarily_unavailable", 503, BUS("NoRoom"), N_("The disk is full. Please try again later.")},
    [REASON_TOO_MANY] = {"too-many", "temporarily_unavailable", 429, BUS("LimitsExceeded"), N_("That was too often. Please wait a few minutes.")},
    [REASON_NOT_PERMITTED] = {"not-permitted", "access_denied", 403, BUS("AccessDenied"), N_("You may not do that.")},
    [REASON_SIGNED_OUT] = {"signed-out", "login_required", 401, BUS("AccessDenied"), N_("Please sign in.")},
    [REASON_STALE_SIGN_IN] = {"stale-sign-in", "login_required", 403, BUS("AccessDenied"), N_("Please sign in once more: this needs a sign-in of the last 15 minutes.")},
    [REASON_SUSPENDED] = {"suspended", "access_denied", 403, BUS("AccessDenied"), N_("This account is suspended.")},
    [REASON_FORM_TOKEN] = {"form-token", "access_denied", 403, BUS("AccessDenied"), N_("This form is too old, or was not ours. Please go back, reload, and try again.")},
    [REASON_ADDRESS_BAD] = {"address-bad", "invalid_request", 400, BUS("InvalidArgument"), N_("That is no email address that we can write to. Please check it.")},
    [REASON_LINK_UNKNOWN] = {"link-unknown", "access_denied", 404, BUS("NotFound"), N_("This link is not known, or long over. Please ask for a new one.")},
    [REASON_LINK_EXPIRED] = {"link-expired", "access_denied", 410, BUS("Expired"), N_("This link has expired. Please ask for a new one.")},
    [REASON_LINK_USED] = {"link-used", "access_denied", 410, BUS("Expired"), N_("This link was used already. Please ask for a new one.")},
    [REASON_LINK_REPLACED] = {"link-replaced", "access_denied", 410, BUS("Expired"), N_("A newer link was sent. Please use that one, or ask for another.")},
    [REASON_LINK_ELSEWHERE] = {"link-elsewhere", "access_denied", 403, BUS("AccessDenied"), N_("This link signs in only the browser that asked for it.")},
    [REASON_LINK_MISSED] = {"link-missed", "access_denied", 410, BUS("Denied"), N_("That number was wrong, so this sign-in was ended. Please ask for a new link.")},
    [REASON_LINK_DISOWNED] = {"link-disowned", "access_denied", 410, BUS("Denied"), N_("This sign-in was ended: somebody with its mail said that it was not theirs.")},
    [REASON_CODE_WRONG] = {"code-wrong", "access_denied", 400, BUS("Denied"), N_("That code is not right.")},
    [REASON_CODE_EXPIRED] = {"code-expired", "expired_token", 400, BUS("Expired"), N_("That code has expired.")},
    [REASON_CODE_BURNT] = {"code-burnt", "access_denied", 400, BUS("Denied"), N_("That was wrong too often. Please ask for a new code.")},
    [REASON_DECLINED] = {"declined", "access_denied", 403, BUS("Denied"), N_("declined on the page")},
    [REASON_CANCELLED] = {"cancelled", "access_denied", 403, BUS("Denied"), N_("cancelled")},
    [REASON_NUMBER_WRONG] = {"number-wrong", "access_denied", 403, BUS("Denied"), N_("the number was wrong")},
    [REASON_ONE_TIME_WRONG] = {"one-time-wrong", "access_denied", 403, BUS("Denied"), N_("the one-time code was wrong")},
    [REASON_NO_LINK] = {"no-link", "access_denied", 403, BUS("Denied"), N_("nobody is linked to this user")},
    [REASON_OTHER_ACCOUNT] = {"other-account", "access_denied", 403, BUS("Denied"), N_("another account approved")},
    [REASON_SERVICE_OFF] = {"service-off", "access_denied", 404, BUS("NotFound"), N_("This service is not enabled.")},
    [REASON_APP_DISABLED] = {"app-disabled", "unauthorized_client", 403, BUS("Denied"), N_("This app is disabled.")},
    [REASON_CLIENT_UNKNOWN] = {"client-unknown", "invalid_client", 400, BUS("NotFound"), N_("We don't know the app that sent you here.")},
    [REASON_REDIRECT_URI] = {"redirect-uri", "invalid_request", 400, BUS("InvalidArgument"), N_("The app sent you with an address to return to that it has not registered.")},
    [REASON_PKCE_MISSING] = {"pkce-missing", "invalid_request", 400, BUS("InvalidArgument"), N_("The app did not protect its request (PKCE).")},
    [REASON_RESPONSE_TYPE] = {"response-type", "unsupported_response_type", 400, BUS("InvalidArgument"), N_("The app asked for a kind of answer that we don't give.")},
    [REASON_GRANT_TYPE] = {"grant-type", "unsupported_grant_type", 400, BUS("InvalidArgument"), N_("The app used a grant that we don't have.")},
    [REASON_GRANT_INVALID] = {"grant-invalid", "invalid_grant", 400, BUS("Denied"), N_("That code or token is not good.")},
    [REASON_SCOPE_INVALID] = {"scope-invalid", "invalid_scope", 400, BUS("InvalidArgument"), N_("The app asked for more than it may.")},
    [REASON_TOKEN_INVALID] = {"token-invalid", "invalid_token", 401, BUS("Denied"), N_("That token is not good.")},
    [REASON_SCOPE_MISSING] = {"scope-missing", "insufficient_scope", 403, BUS("Denied"), N_("That token is not for this.")},
    [REASON_CLIENT_SECRET] = {"client-secret", "invalid_client", 400, BUS("InvalidArgument"), N_("Clients have no secret here.")},
    [REASON_REQUEST_OBJECT] = {"request-object", "request_not_supported", 400, BUS("InvalidArgument"), N_("The app sent a request object, which we don't take.")},
    [REASON_REQUEST_URI] = {"request-uri", "request_uri_not_supported", 400, BUS("InvalidArgument"), N_("The app sent a request by reference, which we don't take.")},
    [REASON_LOGIN_REQUIRED] = {"login-required", "login_required", 400, BUS("Denied"), N_("Please sign in.")},
    [REASON_CONSENT_REQUIRED] = {"consent-required", "consent_required", 400, BUS("Denied"), N_("Please give your consent.")},
    [REASON_AUTHORIZATION_PENDING] = {"authorization-pending", "authorization_pending", 400, BUS("Denied"), N_("Nobody has decided yet.")},
    [REASON_SLOW_DOWN] = {"slow-down", "slow_down", 400, BUS("LimitsExceeded"), N_("Please ask less often.")},
    [REASON_DEVICE_EXPIRED] = {"device-expired", "expired_token", 400, BUS("Expired"), N_("That code has expired.")},
    [REASON_KEY_INVALID] = {"key-invalid", "invalid_request", 400, BUS("Denied"), N_("That API key is not good.")},
    [REASON_PUSHED_UNKNOWN] = {"pushed-unknown", "invalid_request_uri", 400, BUS("Expired"), N_("The app's request is over. Go back to the app and begin again.")},
    [REASON_TARGET_INVALID] = {"target-invalid", "invalid_target", 400, BUS("InvalidArgument"), N_("The app asked for a resource that is not its own.")},
    [REASON_HINT_INVALID] = {"hint-invalid", "invalid_request", 400, BUS("InvalidArgument"), N_("The app did not prove whom it means. Nobody was signed out.")},
    [REASON_CLIENT_METADATA] = {"client-metadata", "invalid_client_metadata", 400, BUS("InvalidArgument"), N_("The app described itself in a way that we don't take.")},
    [REASON_CLIENT_REDIRECT] = {"client-redirect", "invalid_redirect_uri", 400, BUS("InvalidArgument"), N_("The app named an address to return to that we don't take.")},
    [REASON_SOFTWARE_STATEMENT] = {"software-statement", "unapproved_software_statement", 400, BUS("InvalidArgument"), N_("The app described itself in a way that we don't take.")},
    [REASON_GRANT_NOT_ITS] = {"grant-not-its", "unauthorized_client", 400, BUS("AccessDenied"), N_("The app used a grant that it may not use.")},
    [REASON_DECLINED_ON_HOST] = {"declined-on-host", "access_denied", 403, BUS("Denied"), N_("declined on this host")},
    [REASON_DECLINED_BY_ADMIN] = {"declined-by-admin", "access_denied", 403, BUS("Denied"), N_("declined by an administrator")},
    [REASON_DECIDED] = {"decided", "invalid_request", 409, BUS("Exists"), N_("That was decided already.")},
    [REASON_ONLY_ON_PAGE] = {"only-on-page", "access_denied", 403, BUS("Denied"), N_("This is approved on the page.")},
    [REASON_NEW_SIGN_IN] = {"new-sign-in", "login_required", 403, BUS("AccessDenied"), N_("Please sign in once more: who becomes root signs in anew, while the prompt waits.")},
    [REASON_ENDING] = {"ending", "temporarily_unavailable", 409, BUS("Busy"), N_("What this account had is still being ended. Please try again in a minute.")},
    [REASON_LINK_ASKED] = {"link-asked", "access_denied", 400, BUS("Denied"), N_("That code asks for a link to a local user.")},
    [REASON_LINK_RESERVED] = {"link-reserved", "access_denied", 403, BUS("Reserved"), N_("Only an administrator links that: system users (uids below 1000), members of sudo, wheel and admin, and the services sudo, su, doas and polkit.")},
    [REASON_LINK_STANDS] = {"link-stands", "access_denied", 409, BUS("Exists"), N_("An administrator has linked this account to this local user already.")},
    [REASON_MUTED] = {"muted", "access_denied", 403, BUS("Denied"), N_("You have muted this host for this user. Your account's page ends that; one-time codes are taken there all the same.")},
};
/* clang-format on */

const ReasonFace *reason_face(Reason reason)
{
    return &faces[(unsigned)reason < _REASON_MAX ? reason : REASON_NONE];
}
