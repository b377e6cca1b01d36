using Microsoft.AspNetCore.Mvc;

namespace Factory.InferenceApi.Problems;

/// <summary>Which statuses an operation may answer besides those that all share.</summary>
internal sealed record RefusedStatuses(IReadOnlyList<int> Statuses);

internal static class Answers
{
    /// <summary>The operation may also answer these.</summary>
    public static TBuilder Refuses<TBuilder>(this TBuilder endpoint, params int[] statuses) where TBuilder : IEndpointConventionBuilder =>
        endpoint.WithMetadata(new RefusedStatuses(statuses));

    /// <summary>The operation reads a JSON body.</summary>
    public static TBuilder TakesJson<TBuilder>(this TBuilder endpoint) where TBuilder : IEndpointConventionBuilder =>
        endpoint.Refuses(StatusCodes.Status408RequestTimeout, StatusCodes.Status413PayloadTooLarge, StatusCodes.Status415UnsupportedMediaType);

    /// <summary>The operation asks a model that reads text, named in the body.</summary>
    public static TBuilder AsksModel<TBuilder>(this TBuilder endpoint) where TBuilder : IEndpointConventionBuilder =>
        endpoint.Refuses(StatusCodes.Status404NotFound, StatusCodes.Status501NotImplemented, StatusCodes.Status503ServiceUnavailable);
}
