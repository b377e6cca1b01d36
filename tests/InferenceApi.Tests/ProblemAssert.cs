using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Factory.InferenceApi.Tests;

/// <summary>What every refused request must look like.</summary>
internal static class ProblemAssert
{
    /// <summary>The problem, after checking media type and status, and that it shows nothing of the server's code.</summary>
    public static async Task<JsonElement> IsAsync(HttpStatusCode status, HttpResponseMessage answer)
    {
        string text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Equal((status, "application/problem+json"), (answer.StatusCode, answer.Content.Headers.ContentType?.MediaType));
        JsonElement problem = JsonElement.Parse(text);
        Assert.Equal((int)status, problem.GetProperty("status").GetInt32());
        Assert.NotEqual("", problem.GetProperty("title").GetString());
        Assert.NotEqual("", problem.GetProperty("detail").GetString());
        foreach (string leak in (string[])["   at ", "Exception", "System.", ".cs:", "Factory.Core", "Factory.Runtime", "Factory.Evals", "Factory.InferenceApi"])
        {
            Assert.DoesNotContain(leak, text, StringComparison.Ordinal);
        }
        return problem;
    }

    /// <summary>The one sentence about <paramref name="field"/>, the only field that the 400 names.</summary>
    public static async Task<string> NamesAsync(string field, HttpResponseMessage answer)
    {
        JsonElement problem = await IsAsync(HttpStatusCode.BadRequest, answer);
        JsonProperty named = Assert.Single(problem.GetProperty("errors").EnumerateObject());
        Assert.Equal(field, named.Name);
        return Assert.Single(named.Value.EnumerateArray()).GetString()!;
    }
}
