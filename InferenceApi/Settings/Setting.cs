using System.Text.Json;
using Microsoft.Extensions.Configuration;

namespace Factory.InferenceApi.Settings;

/// <summary>
/// One thing that the person who starts the server can choose, in one of three places; the later wins:
/// <c>"Factory": {"MaxConcurrent": 4}</c> in appsettings.json, <c>Factory__MaxConcurrent=4</c> in the environment, <c>--max-concurrent 4</c>.
/// </summary>
/// <param name="Key">Its name in the configuration's section "Factory".</param>
/// <param name="HelpName">What stands for the value in --help; null for a switch.</param>
/// <param name="Description">What it is for, with its default.</param>
/// <param name="Also">ASP.NET Core's own key for it, where there is one.</param>
internal sealed record Setting(string Key, string? HelpName, string Description, string? Also = null)
{
    public const string Section = "Factory";

    /// <summary>--max-concurrent.</summary>
    public string Option => "--" + JsonNamingPolicy.KebabCaseLower.ConvertName(Key);

    /// <summary>max_concurrent, as errors name it.</summary>
    public string Name => JsonNamingPolicy.SnakeCaseLower.ConvertName(Key);

    public string? Find(IConfiguration configuration) => configuration[$"{Section}:{Key}"] ?? (Also is null ? null : configuration[Also]);
}
