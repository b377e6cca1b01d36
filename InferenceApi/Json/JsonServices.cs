namespace Factory.InferenceApi.Json;

internal static class JsonServices
{
    public static IServiceCollection AddApiJson(this IServiceCollection services) => services.ConfigureHttpJsonOptions(ApiJson.Configure);
}
