using System.Diagnostics;
using System.Text.Json;

namespace Factory.Interop.Tests;

/// <summary>transformers.js, in Node, says with our folders what we say. Skips where Node or the package is missing.</summary>
public sealed class TransformersJsTests(Stories stories)
{
    private const int Count = 60;

    private static string Folder { get; } = Path.Combine(GoldenData.Repository, "tests", "Node");

    [Theory]
    [InlineData("fp32", "fp32")]
    [InlineData("int8", "q8")]
    [InlineData("int4", "q4")]
    public async Task Greedy_tokens_prompt_ids_and_text_are_ours(string precision, string dtype)
    {
        using JsonDocument answer = JsonDocument.Parse(await RunAsync(stories.Export("transformersjs", precision), dtype, "Once upon a time", $"{Count}"));
        using Runtime.LanguageModel ours = stories.Load(precision);
        int[] expected = Stories.Greedy(ours, Stories.Prompt, Count);
        Assert.Equal(Stories.Prompt, answer.RootElement.GetProperty("prompt").Deserialize<int[]>());
        Assert.Equal(expected, answer.RootElement.GetProperty("tokens").Deserialize<int[]>());
        Assert.Equal(ours.Bundle.Tokenizer!.Decode([.. Stories.Prompt, .. expected]), answer.RootElement.GetProperty("text").GetString()!.TrimStart());
    }

    private static async Task<string> RunAsync(params string[] arguments)
    {
        Assert.SkipUnless(Directory.Exists(Path.Combine(Folder, "node_modules")), "tests/Node is not restored: run 'npm ci --ignore-scripts' there");
        var start = new ProcessStartInfo("node", ["greedy.mjs", .. arguments]) { WorkingDirectory = Folder, RedirectStandardOutput = true, RedirectStandardError = true };
        Process? process = null;
        try
        {
            process = Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip("there is no 'node' on the PATH");
        }
        using (process)
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            Task<string> errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.True(process.ExitCode == 0, await errors);
            return await output;
        }
    }
}
