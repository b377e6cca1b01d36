using Factory.Core.Text;
using Factory.InferenceApi.Problems;
using Factory.Runtime;

namespace Factory.InferenceApi.Generation;

/// <summary>Token ids of a prompt, checked against the model's context window.</summary>
internal static class PromptEncoder
{
    /// <param name="field">The request's field that the text stands in.</param>
    /// <param name="parseSpecial">Whether a control token spelt out in the text is that token.</param>
    /// <param name="addSpecial">Whether the tokens that open a text (BOS) stand in front.</param>
    /// <param name="room">Tokens that must be left in the window.</param>
    /// <exception cref="RefusedException">400: the text gives no token, or too many.</exception>
    public static int[] Encode(TextEngine engine, string text, string field, bool parseSpecial, bool addSpecial = true, int room = 1)
    {
        TextTokenizer tokenizer = engine.Engine.Model.Bundle.Tokenizer!;
        int[] ids = tokenizer.Encode(text, addSpecial, parseSpecial);
        if (ids.Length == 0 && addSpecial)
        {
            // Documents end with it, so it is also what a new one follows.
            ids = engine.EndTokenIds is [int end, ..] ? [end] : throw Problem.Field(field, "expected text, found none, and this model's tokenizer has no token that opens one.");
        }
        return Check(engine, ids, field, room);
    }

    /// <inheritdoc cref="Encode"/>
    public static int[] Check(TextEngine engine, int[] ids, string field, int room = 1)
    {
        int window = engine.Engine.Capacity;
        int vocabulary = engine.Engine.Model.Bundle.Architecture.VocabularySize;
        return ids.Length == 0 ? throw Problem.Field(field, "expected at least one token, found none.")
            : ids.Length > window - room ? throw Problem.Field(field, $"expected at most {window - room} tokens (the context window holds {window} with at least {(room == 1 ? "one new token" : $"{room} new tokens")}), found {ids.Length}.")
            : Array.FindIndex(ids, id => id < 0 || id >= vocabulary) is int at and >= 0 ? throw Problem.Field(field, $"expected token ids from 0 to {vocabulary - 1}, found {ids[at]} at [{at}].")
            : ids;
    }
}
