using System.Text.Json;
using Factory.Core;
using Factory.Evals.Prompts;
using Factory.Evals.Requests;
using Factory.Evals.Tasks;

namespace Factory.Evals.Tests;

/// <summary>Questions put as conversations: prompts are to the character those of the harness with apply_chat_template.</summary>
public sealed class HarnessChatTests
{
    private static readonly Dictionary<string, string> SpecialTokens = new() { ["bos_token"] = "<s>", ["eos_token"] = "</s>" };

    private static readonly Lazy<ILookup<(string Template, bool Multiturn, int Shots, string Task), JsonElement>> Rows = new(() => File
        .ReadLines(GoldenData.At("lm_eval_chat", "rows.jsonl"))
        .Select(line => JsonElement.Parse(line))
        .ToLookup(row => (row.GetProperty("template").GetString()!, row.GetProperty("multiturn").GetBoolean(), row.GetProperty("shots").GetInt32(), row.GetProperty("task").GetString()!)));

    [Fact]
    public void Prompts_are_the_harnesss()
    {
        Assert.Equal(24, Rows.Value.Count);
        foreach (IGrouping<(string Template, bool Multiturn, int Shots, string Task), JsonElement> rows in Rows.Value)
        {
            PreparedTask task = Plan(new ChatPrompt(rows.Key.Template, SpecialTokens, rows.Key.Multiturn), rows.Key.Task, rows.Key.Shots, rows.Count());
            Assert.Equal(
                rows.SelectMany(row => row.GetProperty("requests").EnumerateArray()).Select(pair => new LogLikelihoodRequest(pair[0].GetString()!, pair[1].GetString()!)),
                task.Documents.SelectMany(document => document.Requests).Cast<LogLikelihoodRequest>());
        }
    }

    [Fact]
    public void A_template_that_refuses_every_conversation_or_cannot_be_read_is_named()
    {
        var refusing = new ChatPrompt("{{ raise_exception('never') }}", SpecialTokens, isMultiturn: true);
        Assert.Contains("never", Assert.Throws<SettingError>(() => Plan(refusing, "mmlu_anatomy", shots: 0, limit: 1)).Message, StringComparison.Ordinal);
        SettingError malformed = Assert.Throws<SettingError>(() => new ChatPrompt("{% for", SpecialTokens, isMultiturn: true));
        Assert.Equal("apply_chat_template", malformed.Setting);
    }

    private static PreparedTask Plan(PromptFormat format, string task, int shots, int limit) => Assert.Single(EvaluationPlan.From(new EvaluationOptions
    {
        Tasks = [task],
        DataDirectory = Golden.Data,
        NumFewshot = shots,
        Limit = limit,
        Format = format,
    }).Tasks);
}
