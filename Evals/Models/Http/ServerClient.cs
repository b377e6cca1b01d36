using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Factory.Core;

namespace Factory.Evals.Models.Http;

/// <summary>Talks JSON to a server, and says in one line what it said when that was no answer.</summary>
public sealed class ServerClient : IDisposable
{
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(500);

    private readonly HttpClient _http;

    /// <param name="root">The server's address, without "/v1".</param>
    /// <param name="key">API key; null: none.</param>
    public ServerClient(Uri root, string? key)
    {
        Root = root;
        _http = new HttpClient(new RetryHandler(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(5) }, FirstDelay))
        {
            BaseAddress = new Uri(root.AbsoluteUri.TrimEnd('/') + "/"),
            Timeout = TimeSpan.FromMinutes(30),
        };
        if (key is not null)
        {
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }
    }

    public Uri Root { get; }

    /// <summary>GET; null where the server has no such page.</summary>
    /// <exception cref="UserError">The server cannot be reached or refuses.</exception>
    public Task<T?> FindAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellationToken) where T : class =>
        SendAsync(new HttpRequestMessage(HttpMethod.Get, path), type, absent: true, cancellationToken);

    /// <summary>POST; null where the server has no such page.</summary>
    /// <inheritdoc cref="FindAsync"/>
    public Task<TAnswer?> TryPostAsync<TQuestion, TAnswer>(
        string path, TQuestion question, JsonTypeInfo<TQuestion> questionType, JsonTypeInfo<TAnswer> answerType, CancellationToken cancellationToken) where TAnswer : class =>
        SendAsync(new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(question, questionType) }, answerType, absent: true, cancellationToken);

    /// <summary>POST.</summary>
    /// <exception cref="UserError">The server cannot be reached, has no such page or refuses.</exception>
    public async Task<TAnswer> PostAsync<TQuestion, TAnswer>(
        string path, TQuestion question, JsonTypeInfo<TQuestion> questionType, JsonTypeInfo<TAnswer> answerType, CancellationToken cancellationToken) where TAnswer : class =>
        (await SendAsync(new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(question, questionType) }, answerType, absent: false, cancellationToken).ConfigureAwait(false))!;

    public void Dispose() => _http.Dispose();

    private async Task<T?> SendAsync<T>(HttpRequestMessage request, JsonTypeInfo<T> type, bool absent, CancellationToken cancellationToken) where T : class
    {
        string place = $"{request.Method} {new Uri(_http.BaseAddress!, request.RequestUri!)}";
        try
        {
            using (request)
            {
                if (request.Content is not null)
                {
                    // With its length known, servers that take no chunked bodies understand it too, and it can be sent again.
                    await request.Content.LoadIntoBufferAsync(cancellationToken).ConfigureAwait(false);
                }
                using HttpResponseMessage response = await _http.SendAsync(request, cancellationToken).ConfigureAwait(false);
                if (absent && response.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.MethodNotAllowed)
                {
                    return null;
                }
                if (!response.IsSuccessStatusCode)
                {
                    throw new UserError($"{place}: expected an answer, found {(int)response.StatusCode} {response.ReasonPhrase}: {Shorten(await response.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false))}");
                }
                return await response.Content.ReadFromJsonAsync(type, cancellationToken).ConfigureAwait(false) ?? throw new JsonException("null");
            }
        }
        catch (HttpRequestException error)
        {
            throw new UserError($"{place}: expected a server, found: {error.Message}", error);
        }
        catch (JsonException error)
        {
            throw new UserError($"{place}: expected an answer of this interface, found: {error.Message}", error);
        }
        catch (TaskCanceledException error) when (!cancellationToken.IsCancellationRequested)
        {
            throw new UserError($"{place}: expected an answer within {_http.Timeout.TotalMinutes:0} minutes, found none.", error);
        }
    }

    private static string Shorten(string text) => text.ReplaceLineEndings(" ") is { Length: > 300 } line ? line[..300] + "…" : text.ReplaceLineEndings(" ");
}
