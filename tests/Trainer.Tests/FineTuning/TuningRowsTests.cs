using Factory.Core;
using Factory.Core.Text;
using Factory.Trainer.Data;
using Factory.Trainer.FineTuning;
using Factory.Trainer.Tests.Tokens;

namespace Factory.Trainer.Tests.FineTuning;

public sealed class TuningRowsTests
{
    private static readonly TextTokenizer Tokenizer = TextTokenizer.Load(TokenFolder.TokenizerPath);

    [Fact]
    public void Only_answers_and_the_token_that_ends_them_are_labels()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.At("a.json"), """[{"instruction":"Is it so?","input":"","output":"the correct answer is true","answer":"true"}]""");
        File.WriteAllText(folder.At("b.jsonl"), """
            {"messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"Who?"},{"role":"assistant","content":"Romeo"},{"role":"user","content":"Where?"},{"role":"assistant","content":"Verona"}]}

            """);
        InstructionSet set = InstructionSet.FromRows(InstructionFile.Read([folder.At("a.json"), folder.At("b.jsonl")]), PromptTemplate.Named("chat"), Tokenizer, 200, heldOut: 0);
        Assert.Equal(["the correct answer is true", "RomeoVerona"], set.Train.Select(row => Tokenizer.Decode(row.Ids.Where((_, at) => row.IsAnswer[at] && row.Ids[at] != Tokenizer.EosTokenId))));
        Assert.Equal([1, 2], set.Train.Select(row => row.Ids.Where((_, at) => row.IsAnswer[at]).Count(id => id == Tokenizer.EosTokenId)));
        Assert.All(set.Train, row => Assert.Equal(Tokenizer.BosTokenId, row.Ids[0]));

        MicroBatch batch = Assert.Single(TuningRows.InOrder(set.Train, 1_000, microBatchSize: 2));
        Assert.Equal(set.Train.Sum(row => row.AnswerTokens), batch.ValidTokens);
        Assert.Equal(set.Train.Sum(row => row.Ids.Length), batch.Tokens);
        for (int row = 0; row < 2; row++)
        {
            for (int at = 0; at < batch.Time; at++)
            {
                TuningRow expected = set.Train[row];
                bool counts = at + 1 < expected.Ids.Length && expected.IsAnswer[at + 1];
                Assert.Equal(counts ? expected.Ids[at + 1] : MicroBatch.Ignored, batch.Labels[(row * batch.Time) + at]);
            }
        }
    }

    [Fact]
    public void An_update_takes_the_rows_of_its_place_in_the_epoch_and_puts_those_of_like_length_together()
    {
        TuningRow[] rows = [.. Enumerable.Range(1, 12).Select(i => new TuningRow([.. Enumerable.Repeat(i, 1 + (i * 5 % 12))], [.. Enumerable.Range(0, 1 + (i * 5 % 12)).Select(at => at == 0)]))];
        var source = new TuningRows(rows, batchSize: 6, microBatchSize: 2, seed: 3);
        var same = new TuningRows(rows, batchSize: 6, microBatchSize: 3, seed: 3);
        int[][] updates = [.. Enumerable.Range(0, 2).Select(update => Ids(source, update))];
        Assert.Equal(Enumerable.Range(1, 12), updates.SelectMany(ids => ids).Order());
        Assert.Equal(updates[1], Ids(same, 1));
        Assert.All(Enumerable.Range(0, 2), update => Assert.Equal(Lengths(source, update).Order(), Lengths(source, update)));

        static int[] Ids(TuningRows source, int update) => [.. source.At(update).MicroBatches.SelectMany(batch => Enumerable.Range(0, batch.Rows).Select(row => (int)batch.Ids[row * batch.Time]))];
        static int[] Lengths(TuningRows source, int update) => [.. source.At(update).MicroBatches.Select(batch => batch.Time)];
    }

    [Fact]
    public void What_is_too_long_is_cut_off_or_left_out_and_counted()
    {
        using var folder = new TemporaryFolder();
        string longText = string.Concat(Enumerable.Repeat("word ", 50));
        File.WriteAllText(folder.At("a.json"), $$"""
            [{"instruction":"short","output":"{{longText}}"},{"instruction":"{{longText}}","output":"never seen"},{"instruction":"short","output":"yes"}]
            """);
        InstructionSet set = InstructionSet.FromRows(InstructionFile.Read([folder.Path]), PromptTemplate.Named("plain"), Tokenizer, 20, heldOut: 0);
        Assert.Equal((2, 1, 1), (set.Train.Count, set.Truncated, set.Dropped));
        Assert.All(set.Train, row => Assert.InRange(row.Ids.Length, 1, 20));
    }

    [Fact]
    public void Copies_of_a_row_fall_on_the_same_side_and_more_rows_leave_the_others_where_they_are()
    {
        IReadOnlyList<ChatMessage>[] rows = [.. Enumerable.Range(0, 200).Select(i => (IReadOnlyList<ChatMessage>)[new ChatMessage(ChatRole.User, $"question {i % 100}"), new ChatMessage(ChatRole.Assistant, "yes")])];
        InstructionSet all = InstructionSet.FromRows(rows, PromptTemplate.All[0], Tokenizer, 200, heldOut: 0.2);
        InstructionSet half = InstructionSet.FromRows(rows[..100], PromptTemplate.All[0], Tokenizer, 200, heldOut: 0.2);
        Assert.InRange(half.HeldOut.Count, 8, 35);
        Assert.Equal(half.HeldOut.Count * 2, all.HeldOut.Count);
        Assert.Equal(half.Train.Select(row => string.Join(' ', row.Ids)), all.Train.Take(half.Train.Count).Select(row => string.Join(' ', row.Ids)));
    }

    [Theory]
    [InlineData("array.json", "[\n{0},\n{1}\n]")]
    [InlineData("LINES.JSONL", "{0}\n{1}\n")]
    [InlineData("windows.jsonl", "\uFEFF{0}\r\n\r\n{1}")]
    [InlineData("lines.json", "{0}\n{1}")]
    [InlineData("below/lines.ndjson", "{0} {1}")]
    public void A_file_is_an_array_of_rows_or_one_row_after_another(string name, string layout)
    {
        using var folder = new TemporaryFolder();
        string[] rows = ["""{"instruction":"Who?","input":null,"output":"Romeo","source":7}""", """{"instruction":"Where?","input":"In Italy.","output":"Verona"}"""];
        Directory.CreateDirectory(folder.At(".hidden"));
        Directory.CreateDirectory(Path.GetDirectoryName(folder.At(name))!);
        File.WriteAllText(folder.At(".hidden", "a.json"), "no rows");
        File.WriteAllText(folder.At("notes.txt"), "no rows");
        File.WriteAllText(folder.At(name), layout.Replace("{0}", rows[0], StringComparison.Ordinal).Replace("{1}", rows[1], StringComparison.Ordinal));
        IReadOnlyList<IReadOnlyList<ChatMessage>> read = InstructionFile.Read([folder.Path, folder.At(name)]);
        Assert.Equal(["Who?|Romeo", "Where?\n\n### Input:\nIn Italy.|Verona"], read.Select(messages => string.Join('|', messages.Select(message => message.Content))));
    }

    [Fact]
    public void Every_template_is_one_that_a_recipe_may_name() => Assert.Equal(Factory.Trainer.Recipes.TuningRecipe.Templates, PromptTemplate.Names);

    [Fact]
    public void Blank_answers_are_left_out_and_counted()
    {
        IReadOnlyList<ChatMessage>[] rows = [.. new[] { "yes", "", " \n" }.Select(answer => (IReadOnlyList<ChatMessage>)[new ChatMessage(ChatRole.User, "x"), new ChatMessage(ChatRole.Assistant, answer)])];
        InstructionSet set = InstructionSet.FromRows(rows, PromptTemplate.All[0], Tokenizer, 200, heldOut: 0);
        Assert.Equal((1, 2), (set.Train.Count, set.Dropped));
    }

    [Theory]
    [InlineData("a.json", """[{"instruction":"x"}]""", "row 1: output: expected a string, found none")]
    [InlineData("a.json", """[{"instruction":"x","output":"y"},{"instruction":3,"output":"y"}]""", "row 2: instruction: expected a string, found Number")]
    [InlineData("a.json", "[", "expected rows in JSON")]
    [InlineData("a.jsonl", "{\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}\n", "line 1: messages: expected an answer")]
    [InlineData("a.jsonl", "{\"messages\":[{\"role\":\"tool\",\"content\":\"x\"}]}\n", "line 1: messages[0]: role: expected system, user or assistant, found 'tool'")]
    [InlineData("a.jsonl", "{\"messages\":[{\"role\":\"user\",\"content\":\"x\"},{\"role\":\"assistant\",\"content\":[]}]}\n", "line 1: messages[1]: content: expected a string, found Array")]
    [InlineData("a.jsonl", "{\"messages\":[\"x\"]}\n", "line 1: messages[0]: role: expected a string, found none")]
    [InlineData("a.jsonl", "{\"messages\":{}}\n", "line 1: messages: expected an array, found Object")]
    [InlineData("a.jsonl", "{\"instruction\":\"x\",\"output\":\"y\"}\n\n{\"instruction\":\"x\",\"input\":5,\"output\":\"y\"}", "line 3: input: expected a string, found Number")]
    [InlineData("a.jsonl", "{\"conversations\":[],\"id\":1}\n", "line 1: expected the fields instruction and output, or messages, found conversations, id.")]
    [InlineData("a.jsonl", "{}\n", "line 1: expected the fields instruction and output, or messages, found an empty object")]
    [InlineData("a.jsonl", "{\"instruction\":\"\\ud800\",\"output\":\"y\"}\n", "line 1: expected well-formed Unicode, found half of a surrogate pair")]
    [InlineData("a.jsonl", "{\"instruction\":\"x\",\"output\":\"y\"}\n{\"instruction\":", "a.jsonl: expected rows in JSON, found something else: line 2, byte")]
    [InlineData("a.json", "[1]", "row 1: expected an object, found Number")]
    [InlineData("a.txt", "x", "expected files ending in .json, .jsonl, .ndjson below")]
    public void A_row_that_is_none_is_named_by_file_place_and_field(string name, string content, string expected)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.At(name), content);
        Assert.Contains(expected, Assert.ThrowsAny<UserError>(() => InstructionFile.Read([folder.Path])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_not_UTF_8_is_refused_with_what_to_do()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.At("a.json"), System.Text.Encoding.Latin1.GetBytes("""[{"instruction":"café","output":"y"}]"""));
        Assert.Contains("expected UTF-8 text, found the bytes E9", Assert.Throws<UserError>(() => InstructionFile.Read([folder.Path])).Message, StringComparison.Ordinal);
    }
}
