using System.Net.ServerSentEvents;
using System.Text.Json;

namespace Factory.InferenceApi.Tests;

/// <summary>Events of a stream as they arrive.</summary>
internal static class SseReader
{
    public static async IAsyncEnumerable<(string Name, JsonElement Data)> EventsAsync(HttpResponseMessage answer)
    {
        Assert.Equal("text/event-stream", answer.Content.Headers.ContentType?.MediaType);
        await using Stream body = await answer.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
        await foreach (SseItem<string> item in SseParser.Create(body).EnumerateAsync(TestContext.Current.CancellationToken))
        {
            yield return (item.EventType, JsonElement.Parse(item.Data));
        }
    }
}
