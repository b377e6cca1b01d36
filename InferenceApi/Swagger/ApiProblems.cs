using System.Text.Json;
using Factory.InferenceApi.Problems;
using Microsoft.AspNetCore.Mvc;

namespace Factory.InferenceApi.Swagger;

/// <summary>An example of each problem, in the shape that the operation answers with.</summary>
internal static class ApiProblems
{
    private static readonly Dictionary<string, (string Name, string Detail)> Sentences = new()
    {
        ["401"] = ("No key", "Expected an API key in the header 'Authorization: Bearer KEY', found none."),
        ["403"] = ("Another scope", "Expected an API key with the scope 'admin', found one without it."),
        ["404"] = ("Unknown", "Expected a path that /swagger lists, found '/nowhere'."),
        ["405"] = ("Another method", "Expected POST for /generate, found GET."),
        ["408"] = ("Too slow", "Expected the whole body sooner."),
        ["409"] = ("Not now", "The model 'small' is served already."),
        ["413"] = ("Too long", "Expected a shorter body, found one above the server's limit."),
        ["414"] = ("Too long", "Expected a target of at most 8192 characters, found 9000."),
        ["415"] = ("Not JSON", "Expected content-type application/json in UTF-8, found 'text/plain'."),
        ["429"] = ("Too many", "Expected room in the queue, found 2 requests being answered and 32 waiting. Ask again later."),
        ["431"] = ("Too long", "Expected headers of at most 32768 bytes, found 40000."),
        ["500"] = ("A bug", "Something went wrong in the server. Its log has the cause under request 0HN7."),
        ["501"] = ("No tokenizer", "The model 'imported' came without a tokenizer, so that it cannot read text. Put one of tokenizer.model, spiece.model beside the weights and import them again."),
        ["503"] = ("Later", "The model 'quickstart' is being loaded."),
    };

    public static IEnumerable<ApiExample> For(string operation, string status) => status == "400"
        ? Fields(operation).Select(field => Example(operation, "Does not fit", new FieldProblem(new Dictionary<string, string[]> { [field.Name] = [field.Sentence] })))
        : [Example(operation, Sentences[status].Name, Problem.Create(int.Parse(status, System.Globalization.CultureInfo.InvariantCulture), Sentences[status].Detail))];

    private static IEnumerable<(string Name, string Sentence)> Fields(string operation) => operation switch
    {
        "eval" => [("tasks", "expected names among arc_easy, piqa, winogrande, found 'arc_eazy'.")],
        "load_model" => [("name", "expected the name of a bundle in the server's models folder, found '../x'.")],
        _ => [("temperature", "expected a number from 0 to 100, found -1.")],
    };

    private static ApiExample Example(string operation, string name, ProblemDetails problem) => operation.StartsWith("openai_", StringComparison.Ordinal)
        ? new(name, JsonSerializer.Serialize(OpenAiError.From(problem), ProblemJson.Readable.OpenAiError))
        : new(name, problem is FieldProblem fields
            ? JsonSerializer.Serialize(fields, ProblemJson.Readable.HttpValidationProblemDetails)
            : JsonSerializer.Serialize(problem, ProblemJson.Readable.ProblemDetails), ProblemWriter.MediaType);
}
