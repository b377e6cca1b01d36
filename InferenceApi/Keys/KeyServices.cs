using System.Globalization;
using System.Security.Claims;
using System.Text.Encodings.Web;
using System.Threading.RateLimiting;
using Factory.InferenceApi.Hosting;
using Factory.InferenceApi.Problems;
using Factory.InferenceApi.Settings;
using Factory.InferenceApi.Telemetry;

namespace Factory.InferenceApi.Keys;

/// <summary>Who may do what, and how often.</summary>
internal static class KeyServices
{
    public const string ScopeClaim = "scope";
    private const int WindowSeconds = 60;

    public static IServiceCollection AddKeys(this IServiceCollection services, ServerOptions options)
    {
        services.AddSingleton<KeyRing>();
        // The core alone: the rest would write keys for cookies into the home folder.
        services.AddSingleton(UrlEncoder.Default).AddAuthenticationCore(authentication =>
        {
            authentication.DefaultScheme = KeyAuthentication.SchemeName;
            authentication.AddScheme<KeyAuthentication>(KeyAuthentication.SchemeName, null);
        });
        services.AddAuthorization(authorization =>
        {
            foreach (Scope scope in Enum.GetValues<Scope>())
            {
                authorization.AddPolicy(scope.ToString(), policy => policy.RequireClaim(ScopeClaim, scope.ToString()));
            }
        });
        return services.AddRateLimiter(limiter =>
        {
            limiter.GlobalLimiter = options.RateLimit is int most ? PartitionedRateLimiter.Create<HttpContext, string>(context => Partition(context, most)) : null;
            limiter.OnRejected = (rejected, _) =>
            {
                rejected.HttpContext.RequestServices.GetRequiredService<ServerMeters>().Refused("rate_limit");
                int seconds = rejected.Lease.TryGetMetadata(MetadataName.RetryAfter, out TimeSpan wait) ? (int)Math.Ceiling(wait.TotalSeconds) : WindowSeconds;
                throw Problem.TooMany($"Expected at most {options.RateLimit} requests a minute, found more. Ask again in {seconds.ToString(CultureInfo.InvariantCulture)} seconds.", seconds);
            };
        });
    }

    /// <summary>The endpoint takes requests with a key that allows <paramref name="scope"/>.</summary>
    public static TBuilder RequireKey<TBuilder>(this TBuilder endpoint, Scope scope) where TBuilder : IEndpointConventionBuilder =>
        endpoint.RequireAuthorization(scope.ToString()).WithMetadata(new ScopeMetadata(scope));

    /// <summary>A window a minute long for each key, or for each address where there are no keys. Health, pages and metrics are not counted.</summary>
    private static RateLimitPartition<string> Partition(HttpContext context, int most)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<ScopeMetadata>() is null or { Scope: Scope.Any })
        {
            return RateLimitPartition.GetNoLimiter("");
        }
        string who = context.User.FindFirstValue(ClaimTypes.NameIdentifier) is { Length: > 0 } key ? key : context.Connection.RemoteIpAddress?.ToString() ?? "?";
        return RateLimitPartition.GetFixedWindowLimiter(who, _ => new FixedWindowRateLimiterOptions { PermitLimit = most, Window = TimeSpan.FromSeconds(WindowSeconds) });
    }
}
