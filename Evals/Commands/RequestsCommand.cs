using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using Factory.Evals.Data;
using Factory.Evals.Tasks;

namespace Factory.Evals.Commands;

/// <summary>Evals requests: the questions of a task, without a model.</summary>
public static class RequestsCommand
{
    public static Command Create()
    {
        var task = new Option<string>("--task") { Description = "Task or group; 'Evals tasks' lists them.", HelpName = "TASK", Required = true };
        Option<string?> data = TaskOptions.Data();
        Option<int?> shots = TaskOptions.NumFewshot();
        Option<int?> limit = TaskOptions.Limit();
        Option<string?> text = TaskOptions.Text();
        var command = new Command("requests", "Print the questions of a task as JSON lines {doc, choice, context, continuation}, in file order.") { task, data, shots, limit, text };
        command.SetAction((parsed, cancellation) =>
        {
            var options = new EvaluationOptions
            {
                Tasks = [parsed.GetRequiredValue(task)],
                DataDirectory = parsed.GetValue(data),
                NumFewshot = parsed.GetValue(shots),
                Limit = parsed.GetValue(limit),
                TextFile = parsed.GetValue(text),
            };
            Print(options, Console.Out, cancellation);
            return Task.FromResult(0);
        });
        return command;
    }

    private static void Print(EvaluationOptions options, TextWriter output, CancellationToken cancellation)
    {
        DataFolder data = DataFolder.Open(options.Validate().DataDirectory);
        foreach (ScoredTask task in EvaluationTasks.Find(options.Tasks[0]).Leaves)
        {
            foreach ((int document, TaskDocument row) in task.Prepare(data, options).Documents.Index())
            {
                cancellation.ThrowIfCancellationRequested();
                foreach ((int choice, LogLikelihoodRequest request) in row.Requests.Index())
                {
                    output.WriteLine(JsonSerializer.Serialize(new RequestLine(document, choice, request.Context, request.Continuation), RequestJson.Default.RequestLine));
                }
            }
        }
    }
}

/// <param name="Doc">Place of the row in the file, from zero.</param>
internal sealed record RequestLine(int Doc, int Choice, string Context, string Continuation);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(RequestLine))]
internal sealed partial class RequestJson : JsonSerializerContext;
