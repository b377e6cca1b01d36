using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Net.Http.Headers;

namespace Factory.InferenceApi.Problems;

/// <summary>A handler's parameter that is the request's JSON body, read by <see cref="StrictJson"/>.</summary>
internal static class RequestBody
{
    /// <summary>Longest body that is read: some hundred times the text that fits into a context window.</summary>
    public const long MaxBytes = 1 << 20;

    public const string ContentType = "application/json";

    public static string ContentTypeDetail(HttpRequest request) =>
        $"Expected content-type {ContentType} in UTF-8, found {(request.ContentType is { Length: > 0 } found ? $"'{found}'" : "none")}.";

    /// <exception cref="RefusedException">The body is not such an object (400) or not JSON by its content type (415).</exception>
    public static async Task<T> ReadAsync<T>(HttpContext context, JsonTypeInfo<T> type) where T : class
    {
        HttpRequest request = context.Request;
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out MediaTypeHeaderValue? media)
            || !media.MediaType.Equals(ContentType, StringComparison.OrdinalIgnoreCase)
            || (media.Charset.HasValue && !media.Charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase)))
        {
            throw new RefusedException(Problem.Of(StatusCodes.Status415UnsupportedMediaType, ContentTypeDetail(request)));
        }
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body, context.RequestAborted);
        return StrictJson.Read(body.GetBuffer().AsMemory(0, (int)body.Length), type);
    }
}

/// <inheritdoc cref="RequestBody"/>
/// <param name="Value">The object, every field checked on its own.</param>
internal sealed record RequestBody<T>(T Value) : IEndpointParameterMetadataProvider where T : class
{
    public static async ValueTask<RequestBody<T>?> BindAsync(HttpContext context)
    {
        var type = (JsonTypeInfo<T>)ApiJson.Default.GetTypeInfo(typeof(T))!;
        return new RequestBody<T>(await RequestBody.ReadAsync(context, type));
    }

    public static void PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder) =>
        builder.Metadata.Add(new AcceptsMetadata([RequestBody.ContentType], typeof(T)));
}
