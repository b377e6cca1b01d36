using Factory.InferenceApi.Keys;
using Factory.InferenceApi.Problems;

namespace Factory.InferenceApi.Models;

/// <summary>GET /models; and, for admins, POST /models and DELETE /models/{name}.</summary>
internal static class ModelsEndpoint
{
    public static void MapModels(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder models = routes.MapGroup("/models").WithTags("Model");
        models.MapGet("", List)
            .WithName("models")
            .WithSummary("What is served: name, sizes, norm scheme, precision, provider, content hash.")
            .RequireKey(Scope.Any);
        models.MapPost("", LoadAsync)
            .WithName("load_model")
            .WithSummary("Loads one more bundle of the server's models folder. Answers when it gave the probe's logits, or says why it is not served.")
            .Refuses(StatusCodes.Status409Conflict, StatusCodes.Status503ServiceUnavailable)
            .TakesJson()
            .RequireKey(Scope.Admin);
        models.MapDelete("/{name}", UnloadAsync)
            .WithName("unload_model")
            .WithSummary("Takes a model out of service and gives its memory back, once its last answer is out.")
            .Refuses(StatusCodes.Status404NotFound, StatusCodes.Status409Conflict)
            .RequireKey(Scope.Admin);
    }

    private static Ok<ModelList> List(ModelRegistry models) => TypedResults.Ok(new ModelList([.. models.All.Select(model => model.Describe())]));

    private static async Task<Ok<ModelEntry>> LoadAsync(LoadModelRequest request, ModelRegistry models, ModelLoader loader, CancellationToken cancellationToken)
    {
        ServedModel model = models.Add(request.Name!);
        try
        {
            return await loader.LoadAsync(model, cancellationToken) is not null ? TypedResults.Ok(model.Describe())
                : throw (model.LacksMemory ? Problem.Later($"The model '{model.Name}' is not served: {model.Failure}", ServedModel.MemoryRetrySeconds)
                    : Problem.Field("name", $"expected a bundle that can be served, found '{model.Name}': {model.Failure}"));
        }
        finally
        {
            if (model.State != ModelState.Ready)
            {
                models.Forget(model);
            }
        }
    }

    private static async Task<NoContent> UnloadAsync(string name, ModelRegistry models)
    {
        await models.Remove(name).UnloadAsync();
        return TypedResults.NoContent();
    }
}
