using Factory.InferenceApi.Problems;
using Microsoft.Net.Http.Headers;

namespace Factory.InferenceApi.Hosting;

/// <summary>What holds for every request, before it is routed: whom it is for, how it is written, and what HTTP says of HEAD and OPTIONS.</summary>
internal static class RequestRules
{
    private const string Methods = "GET, HEAD, POST, DELETE, OPTIONS";

    public static void UseRequestRules(this IApplicationBuilder app) => app.Use(async (context, next) =>
    {
        HttpRequest request = context.Request;
        SecurityHeaders.Add(context.Response.Headers);
        HeaderLimits.Check(request);
        context.RequestServices.GetRequiredService<HostRule>().Check(request.Host);
        if (HttpMethods.IsOptions(request.Method) && !request.Path.HasValue)
        {
            // OPTIONS *: the server as a whole.
            context.Response.Headers.Allow = Methods;
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }
        CheckEncoding(request);
        if (HttpMethods.IsHead(request.Method))
        {
            // Kestrel remembers the method as sent and keeps the body back.
            request.Method = HttpMethods.Get;
        }
        // Kept in memory: its limit is MaxBody. A mistake in it is then told with what was found.
        request.EnableBuffering(bufferThreshold: int.MaxValue);
        await next(context);
        if (HttpMethods.IsOptions(request.Method) && context.Response is { StatusCode: StatusCodes.Status405MethodNotAllowed, HasStarted: false })
        {
            context.Response.StatusCode = StatusCodes.Status204NoContent;
        }
    });

    private static void CheckEncoding(HttpRequest request)
    {
        if (request.Headers.ContentEncoding.ToString() is { Length: > 0 } encoding && !encoding.Equals("identity", StringComparison.OrdinalIgnoreCase))
        {
            throw Problem.Refused(StatusCodes.Status415UnsupportedMediaType, $"Expected a body without content-encoding, found '{JsonWords.Shorten(encoding)}'.");
        }
        if (MediaTypeHeaderValue.TryParse(request.ContentType, out MediaTypeHeaderValue? media) && media.Charset.HasValue)
        {
            if (!HeaderUtilities.RemoveQuotes(media.Charset).Equals("utf-8", StringComparison.OrdinalIgnoreCase))
            {
                throw Problem.Refused(StatusCodes.Status415UnsupportedMediaType, $"Expected content-type application/json in UTF-8, found '{JsonWords.Shorten(request.ContentType!)}'.");
            }
            // The framework does not know the name in quotes.
            request.ContentType = media.MediaType.ToString();
        }
    }
}
