using System.Net;

namespace Factory.Evals.Tests.Data;

/// <summary>A file server on loopback that knows Range and If-Range, and can break off.</summary>
internal sealed class LoopbackFiles : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly Dictionary<string, byte[]> _files;

    public LoopbackFiles(Dictionary<string, byte[]> files)
    {
        _files = files;
        // A port that was free a moment ago; another process may be faster, so it is tried again.
        for (int attempt = 0; ; attempt++)
        {
            using var probe = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
            probe.Start();
            Address = $"http://127.0.0.1:{((IPEndPoint)probe.LocalEndpoint).Port}/";
            probe.Stop();
            try
            {
                _listener.Prefixes.Add(Address);
                _listener.Start();
                break;
            }
            catch (HttpListenerException) when (attempt < 20)
            {
                _listener.Prefixes.Clear();
            }
        }
        _ = ServeAsync();
    }

    public string Address { get; }

    /// <summary>Bytes after which each answer breaks off; as many answers as there are entries.</summary>
    public Queue<int> Breaks { get; } = [];

    /// <summary>First byte that each request asked for.</summary>
    public List<long> Starts { get; } = [];

    public void Dispose() => _listener.Close();

    private async Task ServeAsync()
    {
        while (_listener.IsListening)
        {
            try
            {
                Answer(await _listener.GetContextAsync());
            }
            catch (Exception error) when (error is HttpListenerException or ObjectDisposedException or InvalidOperationException or IOException)
            {
                // The client or this server went away.
            }
        }
    }

    private void Answer(HttpListenerContext context)
    {
        if (!_files.TryGetValue(context.Request.Url!.AbsolutePath.TrimStart('/'), out byte[]? content))
        {
            context.Response.StatusCode = 404;
            context.Response.Close();
            return;
        }
        string tag = $"\"{Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(content))[..8]}\"";
        long start = context.Request.Headers["Range"] is string range && (context.Request.Headers["If-Range"] ?? tag) == tag ? long.Parse(range["bytes=".Length..^1], System.Globalization.CultureInfo.InvariantCulture) : 0;
        lock (Starts)
        {
            Starts.Add(start);
        }
        context.Response.Headers["ETag"] = tag;
        context.Response.StatusCode = start > 0 ? 206 : 200;
        if (start > 0)
        {
            context.Response.Headers["Content-Range"] = $"bytes {start}-{content.Length - 1}/{content.Length}";
        }
        context.Response.ContentLength64 = content.Length - start;
        if (Breaks.TryDequeue(out int most) && most < content.Length - start)
        {
            context.Response.OutputStream.Write(content, (int)start, most);
            context.Response.OutputStream.Flush();
            context.Response.Abort();
            return;
        }
        context.Response.OutputStream.Write(content, (int)start, content.Length - (int)start);
        context.Response.Close();
    }
}
