using System.Net;
using System.Net.Http.Headers;
using Factory.Core;

namespace Factory.Evals.Data.Fetching;

/// <summary>
/// Gets a file over HTTP into PATH.part, going on where an earlier try ended: with Range, and If-Range where the server named the version, so that two
/// versions are never mixed.
/// </summary>
internal sealed class Download(HttpClient http)
{
    private const int Tries = 5;
    private const int BufferBytes = 1 << 16;

    /// <param name="path">Where the finished file goes.</param>
    /// <param name="progress">Gets bytes so far and in all (null: unknown).</param>
    /// <exception cref="UserError">The server cannot be reached, refuses, or breaks off again and again. What came is kept for the next try.</exception>
    public async Task RunAsync(Uri address, string path, Action<long, long?> progress, CancellationToken cancellationToken)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                await TryAsync(address, path, progress, cancellationToken).ConfigureAwait(false);
                File.Move(path + ".part", path, overwrite: true);
                File.Delete(path + ".version");
                return;
            }
            catch (Exception error) when (error is HttpRequestException { StatusCode: null } or HttpIOException or IOException && attempt < Tries && !cancellationToken.IsCancellationRequested)
            {
                // The connection broke; what came lies on the disk.
            }
            catch (Exception error) when (error is HttpRequestException or HttpIOException)
            {
                throw new UserError($"{address}: expected the file, found: {error.Message} What came is kept; run the command again to go on.", error);
            }
        }
    }

    private async Task TryAsync(Uri address, string path, Action<long, long?> progress, CancellationToken cancellationToken)
    {
        string part = path + ".part";
        string version = path + ".version";
        long have = File.Exists(part) ? new FileInfo(part).Length : 0;
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        if (have > 0)
        {
            request.Headers.Range = new RangeHeaderValue(have, null);
            if (File.Exists(version) && EntityTagHeaderValue.TryParse(await File.ReadAllTextAsync(version, cancellationToken).ConfigureAwait(false), out EntityTagHeaderValue? known) && !known.IsWeak)
            {
                request.Headers.IfRange = new RangeConditionHeaderValue(known);
            }
        }
        using HttpResponseMessage response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
        if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
        {
            // Already whole, or of another version: the checksum will tell; a fresh start mends both.
            File.Delete(part);
            throw new HttpIOException(HttpRequestError.ResponseEnded, "The part does not fit the file.");
        }
        response.EnsureSuccessStatusCode();
        bool goesOn = response.StatusCode == HttpStatusCode.PartialContent && response.Content.Headers.ContentRange?.From == have;
        have = goesOn ? have : 0;
        if (response.Headers.ETag is EntityTagHeaderValue tag)
        {
            await File.WriteAllTextAsync(version, tag.ToString(), cancellationToken).ConfigureAwait(false);
        }
        long? whole = response.Content.Headers.ContentLength is long length ? have + length : null;
        await using var file = new FileStream(part, goesOn ? FileMode.Append : FileMode.Create, FileAccess.Write);
        await using Stream content = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        byte[] buffer = new byte[BufferBytes];
        while (await content.ReadAsync(buffer, cancellationToken).ConfigureAwait(false) is > 0 and int read)
        {
            await file.WriteAsync(buffer.AsMemory(0, read), cancellationToken).ConfigureAwait(false);
            have += read;
            progress(have, whole);
        }
        if (whole is long expected && have < expected)
        {
            throw new HttpIOException(HttpRequestError.ResponseEnded, $"The connection ended after {have} of {expected} bytes.");
        }
    }
}
