using Factory.Core.Text;
using Factory.InferenceApi.Keys;
using Factory.InferenceApi.Models;
using Factory.InferenceApi.Problems;

namespace Factory.InferenceApi.Tokens;

/// <summary>POST /tokenize, POST /detokenize, GET /tokenizer_info: the served tokenizer, as vLLM's clients and the evaluation harness ask for it.</summary>
internal static class TokenEndpoints
{
    public static void MapTokens(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder tokens = routes.MapGroup("").WithTags("Tokens");
        tokens.MapPost("/tokenize", Tokenize)
            .WithName("tokenize")
            .WithSummary("The tokens of a text.")
            .TakesJson()
            .AsksModel()
            .RequireKey(Scope.Generate);
        tokens.MapPost("/detokenize", Detokenize)
            .WithName("detokenize")
            .WithSummary("The text of tokens.")
            .TakesJson()
            .AsksModel()
            .RequireKey(Scope.Generate);
        tokens.MapGet("/tokenizer_info", Describe)
            .WithName("tokenizer_info")
            .WithSummary("Special tokens, chat template and context window.")
            .AsksModel()
            .RequireKey(Scope.Any);
    }

    private static Ok<TokenizeAnswer> Tokenize(TokenizeRequest request, ModelRegistry models)
    {
        ServedModel model = models.Find(request.Model);
        using ModelLease lease = model.RentText();
        TextTokenizer tokenizer = lease.Model.Bundle.Tokenizer!;
        int[] ids = tokenizer.Encode(request.Prompt!, request.AddSpecialTokens ?? true, request.ParseSpecial ?? true);
        return TypedResults.Ok(new TokenizeAnswer(ids.Length, model.ContextLength, ids, request.ReturnTokenStrs == true ? [.. ids.Select(tokenizer.TokenText)] : null));
    }

    private static Ok<DetokenizeAnswer> Detokenize(DetokenizeRequest request, ModelRegistry models)
    {
        using ModelLease lease = models.Find(request.Model).RentText();
        int vocabulary = lease.Model.Bundle.Architecture.VocabularySize;
        return Array.FindIndex(request.Tokens!, id => id < 0 || id >= vocabulary) is int at and >= 0
            ? throw Problem.Field("tokens", $"expected token ids from 0 to {vocabulary - 1}, found {request.Tokens![at]} at [{at}].")
            : TypedResults.Ok(new DetokenizeAnswer(lease.Model.Bundle.Tokenizer!.Decode(request.Tokens!)));
    }

    private static Ok<TokenizerInfo> Describe(ModelRegistry models, string? model = null)
    {
        ServedModel served = models.Find(model);
        using ModelLease lease = served.RentText();
        TextTokenizer tokenizer = lease.Model.Bundle.Tokenizer!;
        string? Text(string role) => tokenizer.SpecialTokenTexts.GetValueOrDefault(role);
        return TypedResults.Ok(new TokenizerInfo(
            "FactoryTokenizer", served.Name, served.ContextLength, tokenizer.VocabularySize, Text("bos_token"), Text("eos_token"), Text("unk_token"), Text("pad_token"),
            tokenizer.BosTokenId is int bos && tokenizer.Encode("", addBos: true).Contains(bos), tokenizer.ChatTemplate));
    }
}
