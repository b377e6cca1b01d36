using System.IO.Compression;
using System.Text.Json;

namespace Factory.Evals.Tests;

/// <summary>Files of the harness's own tests and runs.</summary>
internal static class Golden
{
    /// <summary>Folder with the official data sets.</summary>
    public static string Data => Path.GetDirectoryName(GoldenData.At("arc"))!;

    /// <summary>Hash of the questions of <paramref name="task"/> ("arc_easy-v0"), documents shuffled.</summary>
    public static string RequestSha256(string task, string kind = "loglikelihood") =>
        File.ReadAllText(GoldenData.At("lm_eval_golden", "testdata", $"{task}-{kind}")).Trim();

    /// <summary>Metrics under the drawn log-likelihoods.</summary>
    public static IReadOnlyDictionary<string, double> Metrics(string task)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(GoldenData.At("lm_eval_golden", "testdata", $"{task}-res.json")));
        return document.RootElement.GetProperty("results").EnumerateObject().Single().Value.EnumerateObject()
            .ToDictionary(metric => metric.Name, metric => metric.Value.GetDouble());
    }

    /// <summary>Rows of a gzip-compressed jsonl file.</summary>
    public static IReadOnlyList<JsonElement> Rows(params string[] path)
    {
        using var reader = new StreamReader(new GZipStream(File.OpenRead(GoldenData.At(path)), CompressionMode.Decompress));
        var rows = new List<JsonElement>();
        while (reader.ReadLine() is string line)
        {
            rows.Add(JsonElement.Parse(line));
        }
        return rows;
    }
}
