using System.Text.Json.Serialization;

namespace Factory.InferenceApi.Json;

internal static class ApiJsonServices
{
    /// <summary>Answers are written by <see cref="ApiJson"/>; what it does not know (problems) by the framework's own contexts.</summary>
    public static IServiceCollection AddApiJson(this IServiceCollection services) => services.ConfigureHttpJsonOptions(json =>
    {
        json.SerializerOptions.PropertyNamingPolicy = ApiJson.Default.Options.PropertyNamingPolicy;
        json.SerializerOptions.TypeInfoResolverChain.Insert(0, ApiJson.Default);
        foreach (JsonConverter converter in ApiJson.Default.Options.Converters)
        {
            json.SerializerOptions.Converters.Add(converter);
        }
    });
}
