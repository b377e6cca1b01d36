using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Factory.Core;
using Factory.Core.Disk;
using Factory.Core.Text;
using Factory.Trainer.Recipes;

namespace Factory.Trainer.FineTuning;

/// <summary>Instruction data as token rows: those to train on, those held out, and what was cut off.</summary>
/// <param name="Truncated">Rows cut off at the longest length that still have an answer token to learn.</param>
/// <param name="Dropped">Rows whose answer is blank or begins beyond it.</param>
/// <param name="Hash">SHA-256 over all tokens and marks.</param>
public sealed record InstructionSet(IReadOnlyList<TuningRow> Train, IReadOnlyList<TuningRow> HeldOut, int Truncated, int Dropped, string Hash)
{
    /// <summary>The rows as <paramref name="recipe"/> has them. A row is never longer than what the model can read.</summary>
    /// <inheritdoc cref="FromRows(IReadOnlyList{IReadOnlyList{ChatMessage}}, PromptTemplate, TextTokenizer, int, double)"/>
    public static InstructionSet FromRows(IReadOnlyList<IReadOnlyList<ChatMessage>> rows, Recipe recipe, TextTokenizer tokenizer, int maxPositions) =>
        FromRows(rows, PromptTemplate.Named(recipe.Tuning.Template), tokenizer, Math.Min(recipe.Data.SequenceLength, maxPositions), recipe.Tuning.ValidationFraction);

    /// <summary>What identifies these rows and the model that is tuned on them.</summary>
    /// <param name="model">Manifest of its checkpoint.</param>
    public string HashWith(Manifest model) => $"{Hash}+{model.ContentHash}";

    /// <summary>Renders, encodes and cuts. Prompt and answer are encoded apart, as they come when the model is asked.</summary>
    /// <param name="length">Tokens of a row, at most.</param>
    /// <param name="heldOut">Part of the rows to hold out, by the hash of their text: copies of a row fall on the same side.</param>
    /// <exception cref="UserError">No row is left to train on.</exception>
    public static InstructionSet FromRows(IReadOnlyList<IReadOnlyList<ChatMessage>> rows, PromptTemplate template, TextTokenizer tokenizer, int length, double heldOut)
    {
        var (train, held) = (new List<TuningRow>(), new List<TuningRow>());
        (int truncated, int dropped) = (0, 0);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (IReadOnlyList<ChatMessage> messages in rows)
        {
            (string Text, bool IsAnswer)[] parts = [.. template.Render(messages)];
            TuningRow row = Encode(parts, tokenizer);
            bool cut = row.Ids.Length > length;
            row = cut ? new TuningRow(row.Ids[..length], row.IsAnswer[..length]) : row;
            if (row.AnswerTokens == 0 || parts.All(part => !part.IsAnswer || string.IsNullOrWhiteSpace(part.Text)))
            {
                dropped++;
                continue;
            }
            truncated += cut ? 1 : 0;
            hash.AppendData(MemoryMarshal.AsBytes(row.Ids.AsSpan()));
            hash.AppendData(MemoryMarshal.AsBytes(row.IsAnswer.AsSpan()));
            byte[] digest = SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(parts.Select(part => part.Text))));
            (BinaryPrimitives.ReadUInt64BigEndian(digest) < heldOut * ulong.MaxValue ? held : train).Add(row);
        }
        return train.Count > 0
            ? new InstructionSet(train, held, truncated, dropped, Convert.ToHexStringLower(hash.GetHashAndReset()))
            : throw new SettingError("data", $"expected rows to train on, found none of {rows.Count} ({dropped} without an answer within {length} tokens, {held.Count} held out).");
    }

    private static TuningRow Encode((string Text, bool IsAnswer)[] parts, TextTokenizer tokenizer)
    {
        var (ids, marks) = (new List<int>(), new List<bool>());
        if (tokenizer.BosTokenId is int bos)
        {
            Add([bos], false);
        }
        bool first = true;
        foreach ((string text, bool isAnswer) in parts)
        {
            Add(tokenizer.EncodePlain(text, continues: !first), isAnswer);
            first = false;
            if (isAnswer && tokenizer.EosTokenId is int eos)
            {
                Add([eos], true);
            }
        }
        return new TuningRow([.. ids], [.. marks]);

        void Add(IReadOnlyList<int> more, bool isAnswer)
        {
            ids.AddRange(more);
            marks.AddRange(Enumerable.Repeat(isAnswer, more.Count));
        }
    }
}
