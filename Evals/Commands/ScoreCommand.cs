using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using Factory.CommandLine;
using Factory.Evals.Models;
using Factory.Evals.Requests;
using Factory.Runtime;

namespace Factory.Evals.Commands;

/// <summary>Evals score: the log-likelihood of any continuation.</summary>
public static class ScoreCommand
{
    public static Command Create()
    {
        var model = new ModelOptions();
        var command = new Command("score", "Read JSON lines {context, continuation} from stdin and print them with {logLikelihood, isGreedy, tokens} added. An empty context stands for BOS.");
        model.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            using LanguageModel loaded = model.Load(parsed);
            var language = new RuntimeLanguageModel(loaded);
            await LineCommand.AnswerAsync(line => AnswerAsync(language, line, cancellation), cancellation).ConfigureAwait(false);
            return 0;
        });
        return command;
    }

    private static async Task<string> AnswerAsync(RuntimeLanguageModel model, string line, CancellationToken cancellationToken)
    {
        LogLikelihoodRequest request = Parse(line);
        var answer = (LogLikelihoodResponse)(await model.AskAllAsync([request], progress: null, cancellationToken).ConfigureAwait(false))[0];
        return JsonSerializer.Serialize(new ScoredLine(request.Context, request.Continuation, answer.LogLikelihood, answer.IsGreedy, answer.Tokens), ScoreJson.Default.ScoredLine);
    }

    private static LogLikelihoodRequest Parse(string line)
    {
        ScoreLine request = LineCommand.Parse(line, ScoreJson.Default.ScoreLine, "a JSON object {\"context\": \"…\", \"continuation\": \"…\"}");
        return new LogLikelihoodRequest(request.Context, request.Continuation);
    }
}

internal sealed record ScoreLine(string Context, string Continuation);

/// <param name="LogLikelihood">In nats.</param>
/// <param name="Tokens">Tokens scored.</param>
internal sealed record ScoredLine(string Context, string Continuation, double LogLikelihood, bool IsGreedy, int Tokens);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false,
    RespectRequiredConstructorParameters = true,
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(ScoreLine))]
[JsonSerializable(typeof(ScoredLine))]
internal sealed partial class ScoreJson : JsonSerializerContext;
