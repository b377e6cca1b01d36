using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Factory.Trainer.Tests.Fetch;

/// <summary>A home of data sets on loopback: facts on the first answer, which leads on to the bytes; ranges; connections that break.</summary>
internal sealed class DataHome : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly Dictionary<string, byte[]> _files = [];
    private readonly Task _serving;

    public DataHome()
    {
        using (var probe = new TcpListener(IPAddress.Loopback, 0))
        {
            probe.Start();
            Address = $"http://127.0.0.1:{((IPEndPoint)probe.LocalEndpoint).Port}/";
        }
        _listener.Prefixes.Add(Address);
        _listener.Start();
        _serving = ServeAsync();
    }

    public string Address { get; }

    /// <summary>Bytes after which each connection breaks; null: none does.</summary>
    public int? BreakAfter { get; set; }

    /// <summary>Whether it knows ranges.</summary>
    public bool HasRanges { get; set; } = true;

    /// <summary>What is sent instead of a file; its facts stay the file's.</summary>
    public byte[]? Wrong { get; set; }

    /// <summary>Bytes sent so far.</summary>
    public long Sent { get; private set; }

    public void Add(string name, byte[] content) => _files[name] = content;

    public void Dispose()
    {
        _listener.Close();
        _serving.GetAwaiter().GetResult();
    }

    private async Task ServeAsync()
    {
        while (true)
        {
            try
            {
                Answer(await _listener.GetContextAsync().ConfigureAwait(false));
            }
            catch (Exception error) when (error is HttpListenerException or ObjectDisposedException or InvalidOperationException)
            {
                if (!_listener.IsListening)
                {
                    return;
                }
            }
        }
    }

    private void Answer(HttpListenerContext context)
    {
        string path = context.Request.Url!.AbsolutePath;
        HttpListenerResponse response = context.Response;
        string name = Path.GetFileName(path);
        if (!_files.TryGetValue(name, out byte[]? file) || !(path.StartsWith("/datasets/allenai/c4/resolve/main/en/", StringComparison.Ordinal) || path.StartsWith("/bytes/", StringComparison.Ordinal)))
        {
            response.StatusCode = 404;
            response.Close();
            return;
        }
        if (!path.StartsWith("/bytes/", StringComparison.Ordinal))
        {
            response.StatusCode = 302;
            response.Headers["X-Linked-Size"] = $"{file.Length}";
            response.Headers["X-Linked-ETag"] = $"\"{Convert.ToHexStringLower(SHA256.HashData(file))}\"";
            response.Headers["Location"] = $"/bytes/{name}";
            response.Close();
            return;
        }
        file = Wrong ?? file;
        int from = HasRanges && context.Request.Headers["Range"] is string range ? int.Parse(range["bytes=".Length..^1], System.Globalization.CultureInfo.InvariantCulture) : 0;
        response.StatusCode = from > 0 ? 206 : 200;
        response.ContentLength64 = file.Length - from;
        int count = Math.Min(file.Length - from, BreakAfter ?? int.MaxValue);
        Sent += count;
        response.OutputStream.Write(file, from, count);
        response.OutputStream.Flush();
        if (count < file.Length - from)
        {
            response.Abort();
            return;
        }
        response.Close();
    }
}
