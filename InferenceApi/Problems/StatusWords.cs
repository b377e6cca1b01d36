using System.Globalization;
using Factory.InferenceApi.Hosting;
using Factory.InferenceApi.Settings;
using Microsoft.AspNetCore.WebUtilities;

namespace Factory.InferenceApi.Problems;

/// <summary>The sentences for what the framework itself refuses: with the status alone.</summary>
internal static class StatusWords
{
    public static string Explain(HttpContext context, int status)
    {
        HttpRequest request = context.Request;
        return status switch
        {
            StatusCodes.Status400BadRequest => "Expected a request that can be read, found one whose body ends early or is not encoded as its headers say.",
            StatusCodes.Status404NotFound => $"Expected a path that /swagger lists, found '{JsonWords.Shorten(request.Path)}'.",
            StatusCodes.Status405MethodNotAllowed => $"Expected {context.Response.Headers.Allow} for {JsonWords.Shorten(request.Path)}, found {JsonWords.Shorten(request.Method)}.",
            StatusCodes.Status408RequestTimeout => "Expected the whole body sooner.",
            StatusCodes.Status413PayloadTooLarge => string.Create(CultureInfo.InvariantCulture,
                $"Expected a body of at most {context.RequestServices.GetRequiredService<ServerOptions>().MaxBody} bytes, found more."),
            StatusCodes.Status415UnsupportedMediaType => $"Expected content-type application/json in UTF-8, found {(request.ContentType is { Length: > 0 } found ? $"'{JsonWords.Shorten(found)}'" : "none")}.",
            _ => $"The request could not be answered: {ReasonPhrases.GetReasonPhrase(status)}.",
        };
    }
}
