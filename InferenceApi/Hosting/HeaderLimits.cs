using Factory.InferenceApi.Problems;

namespace Factory.InferenceApi.Hosting;

/// <summary>How long a request's target and headers may be. Checked here rather than by Kestrel, whose answer has no body.</summary>
internal static class HeaderLimits
{
    public const int LongestTarget = 8 * 1024;

    public const int MostHeaderBytes = 32 * 1024;

    public static void Check(HttpRequest request)
    {
        int target = request.Path.Value!.Length + (request.QueryString.Value?.Length ?? 0);
        if (target > LongestTarget)
        {
            throw Problem.Refused(StatusCodes.Status414UriTooLong, $"Expected a target of at most {LongestTarget} characters, found {target}.");
        }
        int bytes = request.Headers.Sum(header => header.Key.Length + header.Value.Sum(value => value?.Length ?? 0));
        if (bytes > MostHeaderBytes)
        {
            throw Problem.Refused(StatusCodes.Status431RequestHeaderFieldsTooLarge, $"Expected headers of at most {MostHeaderBytes} bytes, found {bytes}.");
        }
    }
}
