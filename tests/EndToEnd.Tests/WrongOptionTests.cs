namespace Factory.EndToEnd.Tests;

/// <summary>What every executable says to options that it does not know and to values that are none.</summary>
public sealed class WrongOptionTests
{
    [Theory]
    [InlineData(Executable.Trainer, "pretrain --stps 3", "--stps: expected an option of 'pretrain', found none of that name. Did you mean --steps? See --help.")]
    [InlineData(Executable.Trainer, "compare --finetune rows.jsonl --finetune-epoch 1", "--finetune-epoch: expected an option of 'compare', found none of that name. Did you mean --finetune-epochs? See --help.")]
    [InlineData(Executable.Trainer, "tokenize --input a.txt --tokenzer=b", "--tokenzer=b: expected an option of 'tokenize', found none of that name. Did you mean --tokenizer? See --help.")]
    [InlineData(Executable.Trainer, "compare --qqqqqqqqqqqq", "--qqqqqqqqqqqq: expected an option of 'compare', found none of that name. See --help.")]
    [InlineData(Executable.Trainer, "compare --evaluate-limit abc", "--evaluate-limit: expected a number, found 'abc'. See --help.")]
    [InlineData(Executable.Evals, "run --num-fewshot 1.5", "--num-fewshot: expected a whole number, found '1.5'. See --help.")]
    [InlineData(Executable.Evals, "merge --inputs a.json --outpt b.json", "--outpt: expected an option of 'merge', found none of that name. Did you mean --output? See --help.")]
    [InlineData(Executable.Exporter, "--keep lm_head --precisio int8", "--precisio: expected an option of 'Factory.Exporter', found none of that name. Did you mean --precision? See --help.")]
    [InlineData(Executable.InferenceApi, "--max-second 3", "--max-second: expected an option of 'Factory.InferenceApi', found none of that name. Did you mean --max-seconds? See --help.")]
    public async Task Are_named_in_one_line_with_exit_code_2(string program, string arguments, string expected)
    {
        using var folder = new TemporaryFolder();
        Outcome outcome = await Executable.RunAsync(program, folder.Path, arguments.Split(' '));
        Assert.Equal((2, expected), (outcome.ExitCode, outcome.Error.Trim()));
    }
}
