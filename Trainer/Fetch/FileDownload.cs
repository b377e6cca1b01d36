using System.Net;
using System.Net.Http.Headers;
using Factory.Core;
using Factory.Core.Disk;

namespace Factory.Trainer.Fetch;

/// <summary>
/// Fetches large files from a home that states their size and SHA-256 in the headers X-Linked-Size and X-Linked-ETag, as Hugging Face does. What has
/// been fetched lies in NAME.part and is gone on with, also after a break of the connection or of the program; it gets its name when its hash is right.
/// </summary>
internal sealed class FileDownload : IDisposable
{
    private const int BufferBytes = 1 << 18;

    // The headers stand on the first answer, which only leads on to where the bytes are.
    private readonly HttpClient _facts = Client(followsRedirects: false);
    private readonly HttpClient _bytes = Client(followsRedirects: true);

    /// <summary>Size in bytes and lower-case SHA-256 of a file.</summary>
    /// <exception cref="UserError">The home cannot be reached, or has no such file, or states no hash.</exception>
    public async Task<(long Size, string Sha256)> FactsAsync(Uri address, CancellationToken cancellationToken)
    {
        using HttpResponseMessage answer = await SendAsync(_facts, new HttpRequestMessage(HttpMethod.Head, address), cancellationToken).ConfigureAwait(false);
        if ((int)answer.StatusCode >= 400)
        {
            throw new UserError($"{address}: expected a file, found status {(int)answer.StatusCode} ({answer.ReasonPhrase}).");
        }
        string hash = Header(answer, "X-Linked-ETag")?.Trim('"') ?? "";
        return long.TryParse(Header(answer, "X-Linked-Size"), out long size) && size > 0 && hash.Length == 64 && hash.All(char.IsAsciiHexDigitLower)
            ? (size, hash)
            : throw new UserError($"{address}: expected the file's size and SHA-256 in the headers X-Linked-Size and X-Linked-ETag, found none. Is --home the data set's home or a full mirror of it?");
    }

    /// <summary>Fetches what is missing of a file and checks its hash.</summary>
    /// <param name="target">Where the file will stand.</param>
    /// <param name="advance">Told the number of bytes that are there.</param>
    /// <exception cref="UserError">The connection breaks again and again, or what came is not the file.</exception>
    public async Task FetchAsync(Uri address, string target, long size, string sha256, Action<long> advance, CancellationToken cancellationToken)
    {
        if (File.Exists(target) && new FileInfo(target).Length == size && InputFile.Sha256(target) == sha256)
        {
            advance(size);
            return;
        }
        string part = target + ".part";
        long before;
        do
        {
            before = Length(part);
            if (before >= size)
            {
                break;
            }
            try
            {
                await AppendAsync(address, part, before, advance, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception error) when (error is HttpIOException or HttpRequestException && Length(part) > before)
            {
                // A break; as long as something came, going on is worth it.
            }
        }
        while (Length(part) != before);
        long found = Length(part);
        if (found < size)
        {
            throw new UserError($"{address}: expected {size} bytes, found {found} before the connection ended. Run the command again to go on from there.");
        }
        if (found > size || InputFile.Sha256(part) != sha256)
        {
            File.Delete(part);
            throw new UserError($"{address}: expected a file with SHA-256 {sha256}, found another. What had been fetched was removed; run the command again.");
        }
        File.Move(part, target, overwrite: true);
    }

    public void Dispose()
    {
        _facts.Dispose();
        _bytes.Dispose();
    }

    private async Task AppendAsync(Uri address, string part, long from, Action<long> advance, CancellationToken cancellationToken)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, address);
        if (from > 0)
        {
            request.Headers.Range = new RangeHeaderValue(from, null);
        }
        using HttpResponseMessage answer = await SendAsync(_bytes, request, cancellationToken).ConfigureAwait(false);
        if (!answer.IsSuccessStatusCode)
        {
            throw new UserError($"{address}: expected the file, found status {(int)answer.StatusCode} ({answer.ReasonPhrase}).");
        }
        // A home that does not know ranges sends everything again.
        long at = answer.StatusCode == HttpStatusCode.PartialContent ? from : 0;
        using var file = new FileStream(part, FileMode.OpenOrCreate, FileAccess.Write, FileShare.None, BufferBytes);
        file.SetLength(at);
        file.Seek(at, SeekOrigin.Begin);
        using Stream content = await answer.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        var buffer = new byte[BufferBytes];
        for (int read; (read = await content.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0;)
        {
            await file.WriteAsync(buffer.AsMemory(0, read), cancellationToken).ConfigureAwait(false);
            advance(at += read);
        }
    }

    private static async Task<HttpResponseMessage> SendAsync(HttpClient client, HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using (request)
        {
            try
            {
                return await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
            }
            catch (HttpRequestException error)
            {
                throw new UserError($"{request.RequestUri}: expected to reach it, found: {error.Message}. See to the network or name a mirror with --home.", error);
            }
        }
    }

    private static string? Header(HttpResponseMessage answer, string name) =>
        answer.Headers.TryGetValues(name, out IEnumerable<string>? values) || answer.Content.Headers.TryGetValues(name, out values) ? values.FirstOrDefault() : null;

    private static long Length(string path) => new FileInfo(path) is { Exists: true } file ? file.Length : 0;

    private static HttpClient Client(bool followsRedirects)
    {
        var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = followsRedirects }) { Timeout = Timeout.InfiniteTimeSpan };
        client.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("Factory", null));
        return client;
    }
}
