using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using Factory.Core;
using Factory.Evals.Prompts;
using Factory.Evals.Requests;

namespace Factory.Evals.Commands;

/// <summary>Evals requests: the questions of a task, without a model.</summary>
public static class RequestsCommand
{
    public static Command Create()
    {
        var questions = new TaskOptions();
        var chat = new ChatOptions();
        var task = new Option<string>("--task") { Description = "Task or group; 'Evals tasks' lists them.", HelpName = "TASK", Required = true };
        var tokenizer = new Option<string?>("--tokenizer") { Description = "Tokenizer whose chat template --apply-chat-template takes.", HelpName = "FILE|DIR" };
        var command = new Command("requests", "Print the questions of a task as JSON lines {doc, choice, context, continuation}, in file order.") { task, tokenizer };
        questions.AddTo(command);
        chat.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            PromptFormat format = await chat.ReadAsync(parsed, () => Task.FromResult(Template(parsed.GetValue(tokenizer)))).ConfigureAwait(false);
            Print(EvaluationPlan.From(questions.Read(parsed, parsed.GetRequiredValue(task)) with { Format = format }), Console.Out, cancellationToken);
            return 0;
        });
        return command;
    }

    private static ChatTemplateSource Template(string? tokenizer) => tokenizer is null
        ? throw new SettingError("tokenizer", "expected the tokenizer of a chat model with --apply-chat-template, found none.")
        : ChatTemplateSource.From(TokenizerFile.Load(tokenizer));

    private static void Print(EvaluationPlan plan, TextWriter output, CancellationToken cancellationToken)
    {
        foreach ((int document, TaskDocument row) in plan.Tasks.SelectMany(task => task.Documents.Index()))
        {
            cancellationToken.ThrowIfCancellationRequested();
            foreach ((int choice, EvaluationRequest request) in row.Requests.Index())
            {
                output.WriteLine(JsonSerializer.Serialize(ToLine(document, choice, request), RequestJson.Default.RequestLine));
            }
        }
    }

    private static RequestLine ToLine(int document, int choice, EvaluationRequest request) => request switch
    {
        LogLikelihoodRequest pair => new RequestLine(document, choice, pair.Context, pair.Continuation, null),
        RollingRequest rolling => new RequestLine(document, choice, "", rolling.Text, null),
        GenerationRequest generation => new RequestLine(document, choice, generation.Context, null, generation.Until),
        _ => throw new NotSupportedException(request.GetType().Name),
    };
}

/// <param name="Doc">Place of the row in the file, from zero.</param>
/// <param name="Continuation">null where the model writes.</param>
/// <param name="Until">Stop strings; null where the model scores.</param>
internal sealed record RequestLine(int Doc, int Choice, string Context, string? Continuation, IReadOnlyList<string>? Until);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(RequestLine))]
internal sealed partial class RequestJson : JsonSerializerContext;
