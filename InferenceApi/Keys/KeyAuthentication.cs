using System.Security.Claims;
using System.Text.Encodings.Web;
using Factory.InferenceApi.Problems;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace Factory.InferenceApi.Keys;

/// <summary>Authorization: Bearer KEY. Without keys everyone may do everything, and the header is not looked at.</summary>
internal sealed class KeyAuthentication(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory log, UrlEncoder encoder, KeyRing keys)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, log, encoder)
{
    public const string SchemeName = "ApiKey";
    private const string Bearer = "Bearer ";

    protected override Task<AuthenticateResult> HandleAuthenticateAsync() => Task.FromResult(Authenticate());

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        string found = Request.Headers.Authorization.Count == 0 ? "none" : "one that is unknown, revoked or not of this form";
        throw Problem.Refused(StatusCodes.Status401Unauthorized, $"Expected an API key in the header '{HeaderNames.Authorization}: Bearer KEY', found {found}.");
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties)
    {
        Scope wanted = Context.GetEndpoint()!.Metadata.GetRequiredMetadata<ScopeMetadata>().Scope;
        throw Problem.Refused(StatusCodes.Status403Forbidden, $"Expected an API key with the scope '{wanted.ToString().ToLowerInvariant()}', found one without it.");
    }

    private AuthenticateResult Authenticate()
    {
        if (!keys.IsLocked)
        {
            return Success("", Enum.GetValues<Scope>());
        }
        string header = Request.Headers.Authorization.ToString();
        return !header.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) ? AuthenticateResult.NoResult()
            : keys.Find(header[Bearer.Length..].Trim()) is ApiKey key ? Success(key.Id, Enum.GetValues<Scope>().Where(key.Allows))
            : AuthenticateResult.Fail("unknown or revoked");
    }

    private AuthenticateResult Success(string id, IEnumerable<Scope> scopes)
    {
        Claim[] claims = [new(ClaimTypes.NameIdentifier, id), .. scopes.Select(scope => new Claim(KeyServices.ScopeClaim, scope.ToString()))];
        return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(new ClaimsIdentity(claims, Scheme.Name)), Scheme.Name));
    }
}
