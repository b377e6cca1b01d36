using System.Net.Sockets;
using System.Text;

namespace Factory.InferenceApi.Tests;

/// <summary>HTTP as bytes, for what a client library would never send.</summary>
internal static class RawHttp
{
    /// <summary>The status and the body of the answer to <paramref name="request"/>, after which the server closes the connection.</summary>
    public static async Task<(int Status, string Head, string Body)> SendAsync(Uri server, byte[] request)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(server.Host, server.Port, TestContext.Current.CancellationToken);
        await using NetworkStream stream = client.GetStream();
        await stream.WriteAsync(request, TestContext.Current.CancellationToken);
        using var reader = new StreamReader(stream, Encoding.UTF8);
        string answer = await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
        string[] parts = answer.Split("\r\n\r\n", 2);
        return (int.Parse(parts[0].Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture), parts[0], parts[1]);
    }

    public static Task<(int Status, string Head, string Body)> SendAsync(Uri server, string request) => SendAsync(server, Encoding.Latin1.GetBytes(request));
}
