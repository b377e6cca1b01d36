using System.Text;

namespace Factory.Core.Architecture.Methods;

/// <summary>docs/methods.md, written from the methods' own files.</summary>
public static class MethodsPage
{
    /// <summary>Markdown: one table, then each block drawn.</summary>
    public static string ToMarkdown()
    {
        MethodFacts[] all = [.. NormSchemes.All.Select(scheme => new MethodFacts(scheme))];
        var page = new StringBuilder();
        page.Append(
            """
            # Normalization methods

            <!-- Written by: dotnet run -c Release --project Trainer -- methods --markdown > docs/methods.md -->

            `Trainer pretrain --norm NAME` trains each of these; `config.json` keeps the name as `norm_scheme`. `--norm NAME --as-run` takes the arm that the
            paper's authors ran under that name where it is not what its source defines. The paper is "The Curse of Depth in Large Language Models",
            arXiv 2502.05795.

            Every block is two residual branches, y = AfterAdd(residual · x + branch · Output(F(Input(x)))), and a method says what stands in the five places.
            A: attention, F: feed-forward network, N: RMSNorm with a trained gain, G: GroupNorm, l: the block's depth from one, L: the number of blocks,
            d: the hidden size. Unless a row says otherwise matrices start normal with deviation 0.02, gains at 1, biases at 0. Every method has the final
            RMSNorm in front of the head.

            | name | method | equation | constants and start | adds | on export | plain LLaMA | in the paper | source |
            |---|---|---|---|---|---|---|---|---|

            """);
        foreach (MethodFacts facts in all)
        {
            NormScheme scheme = facts.Scheme;
            page.Append("| ").AppendJoin(" | ", $"`{scheme.Name}`", scheme.Title, scheme.Equation, scheme.Constants, facts.ParametersAdded, facts.Folding,
                YesNo(facts.FoldsToPlainLlama), YesNo(scheme.IsInPaper), scheme.Source).Append(" |\n");
        }
        page.Append(
            """

            "Plain LLaMA": the factors fold away entirely, so that the model can also be written as a Hugging Face `LlamaForCausalLM` or a GGUF file.
            Every other method but the one that looks at later tokens is exported as an ONNX graph of plain operators.

            Options of single methods: `--mix-ratio` (share of Post-LN blocks of `mix`, 0.25), `--norm-groups` (groups of `group`, 8), `--lns-exponent` (the
            exponent of the depth in `lns` and its variants, 0.5). A method that does not take an option refuses it.

            ## Drawings

            Constants that depend on the depth are drawn as 1/√l, trained vectors as v, trained numbers as s, DeepNorm's constant as α.

            """);
        foreach (IGrouping<string, MethodFacts> same in all.GroupBy(facts => string.Join("\n\n", facts.Drawings)))
        {
            page.Append('\n').AppendJoin(", ", same.Select(facts => $"`{facts.Scheme.Name}`")).Append(":\n\n```\n").Append(same.Key).Append("\n```\n");
        }
        return page.ToString();
    }

    private static string YesNo(bool value) => value ? "yes" : "no";
}
