namespace Factory.InferenceApi.OpenAi;

/// <summary>/v1: what OpenAI's clients, and those made for it, talk to.</summary>
internal static class OpenAiEndpoints
{
    public static IServiceCollection AddOpenAi(this IServiceCollection services) => services.AddSingleton<Prompts>().AddSingleton<OpenAiEvents>().AddSingleton<ChatPrompts>();

    public static void MapOpenAi(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder v1 = routes.MapGroup("/v1").WithTags("OpenAI");
        v1.MapCompletions();
        v1.MapChat();
        v1.MapOpenAiModels();
    }
}
