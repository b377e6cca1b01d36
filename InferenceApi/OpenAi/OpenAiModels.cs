using Factory.InferenceApi.Keys;
using Factory.InferenceApi.Models;
using Factory.InferenceApi.Problems;

namespace Factory.InferenceApi.OpenAi;

/// <summary>The models, as OpenAI's clients list them.</summary>
/// <param name="Object">Always "list".</param>
/// <param name="Data">The models.</param>
internal sealed record OpenAiModelList(string Object, IReadOnlyList<OpenAiModel> Data);

/// <summary>One model.</summary>
/// <param name="Id">Name of its folder.</param>
/// <param name="Object">Always "model".</param>
/// <param name="Created">Seconds since 1970 when it was taken into service.</param>
/// <param name="OwnedBy">Always "factory".</param>
/// <param name="MaxModelLen">Most tokens of prompt and continuation together.</param>
internal sealed record OpenAiModel(string Id, string Object, long Created, string OwnedBy, int MaxModelLen)
{
    public static OpenAiModel From(ServedModel model) => new(model.Name, "model", model.Since.ToUnixTimeSeconds(), "factory", model.ContextLength);
}

/// <summary>GET /v1/models and GET /v1/models/{model}.</summary>
internal static class OpenAiModelsEndpoint
{
    public static void MapOpenAiModels(this IEndpointRouteBuilder v1)
    {
        v1.MapGet("/models", (ModelRegistry models) => TypedResults.Ok(new OpenAiModelList("list", [.. models.All.Select(OpenAiModel.From)])))
            .WithName("openai_models")
            .WithSummary("The served models; an id is its folder's name.")
            .RequireKey(Scope.Any);
        v1.MapGet("/models/{model}", (string model, ModelRegistry models) => TypedResults.Ok(OpenAiModel.From(models.Find(model))))
            .WithName("openai_model")
            .WithSummary("One served model.")
            .Refuses(StatusCodes.Status404NotFound)
            .RequireKey(Scope.Any);
    }
}
