using System.Globalization;
using System.Text;
using Factory.Core.Architecture;

namespace Factory.Exporter.Reports;

/// <summary>README.md of an exported folder: what the model is, how it was made, what the precision cost, how to load it. No dates: the same checkpoint gives the same card.</summary>
internal static class ModelCard
{
    public const string FileName = "README.md";

    /// <param name="facts">The checkpoint's own facts: step, tokens, versions …</param>
    /// <param name="precision">Name of the precision.</param>
    /// <param name="usage">How to load the folder, in Markdown.</param>
    public static string Write(string name, LlamaArchitecture model, IReadOnlyDictionary<string, string> facts, string precision, ExportReport report, string usage)
    {
        NormScheme method = model.NormScheme;
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"""
            ---
            library_name: factory
            pipeline_tag: text-generation
            tags: [llama, {method.Name}, onnx]
            model_name: {name}
            norm_scheme: {method.Name}
            precision: {precision}
            parameters: {model.Parameters.TotalCount}
            ---

            # {name}

            A LLaMA-family decoder of {model.Parameters.TotalCount:N0} parameters, trained with the method `{method.Name}` ({method.Title}).

            | | |
            |---|---|
            | blocks | {model.BlockCount} |
            | hidden size | {model.HiddenSize} |
            | feed-forward size | {model.IntermediateSize} |
            | heads (key/value heads) | {model.Heads} ({model.KeyValueHeads}) of {model.HeadSize} channels |
            | vocabulary | {model.VocabularySize} |
            | context window | {model.MaxPositions} tokens |
            | embeddings | {(model.TieEmbeddings ? "tied" : "untied")} |
            | precision | {precision} |

            ## Checks at export

            - Probe recorded in training, replayed: {report.Probe}.
            {(report.Perplexity is null ? "- float32 weights: nothing was rounded." : $"- Cost of the precision: {report.Perplexity}.")}

            ## How it was made

            """);
        text.Append("| fact of the checkpoint | |\n|---|---|\n");
        foreach ((string key, string value) in facts)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {key} | {value.Replace("|", "\\|", StringComparison.Ordinal)} |\n");
        }
        text.Append(CultureInfo.InvariantCulture, $"\n## How to load it\n\n{usage.Trim()}\n");
        return text.ToString().ReplaceLineEndings("\n");
    }
}
