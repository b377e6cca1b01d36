using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Factory.Trainer.Tests.Tokens;

namespace Factory.Trainer.Tests.Commands;

public class EncodeDecodeCommandTests
{
    [Fact]
    public async Task Each_line_is_answered_before_the_next_is_asked_and_without_libtorch()
    {
        using Process encode = Start("encode", "--tokenizer", TokenFolder.TokenizerPath);
        await encode.StandardInput.WriteLineAsync("\"ROMEO:\\nBut soft\"");
        await encode.StandardInput.FlushAsync(TestContext.Current.CancellationToken);
        Assert.Equal("[1,855,2007,13,446,366,1040]", await encode.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));
        if (OperatingSystem.IsLinux())
        {
            string maps = await File.ReadAllTextAsync($"/proc/{encode.Id}/maps", TestContext.Current.CancellationToken);
            Assert.DoesNotContain("torch", maps.Replace(AppContext.BaseDirectory, "", StringComparison.Ordinal).Replace("TorchSharp.dll", "", StringComparison.Ordinal), StringComparison.OrdinalIgnoreCase);
        }
        await encode.StandardInput.WriteLineAsync("\"\"");
        encode.StandardInput.Close();
        Assert.Equal("[1]\n", await encode.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken));
        await encode.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, encode.ExitCode);
    }

    [Fact]
    public async Task Decode_is_the_reverse_of_encode()
    {
        string[] lines = ["\"O Romeo, Romeo!\"", "\"é 🤗\\t\\u0000 \\\" \\\\ </p>\"", "\"\"", "\"日本\\n\\n\""];
        string folder = Path.GetDirectoryName(TokenFolder.TokenizerPath)!;
        (int encodeCode, string ids, _) = await RunAsync(lines, "encode", "--no-special-tokens", "--tokenizer", folder);
        (int decodeCode, string text, _) = await RunAsync(ids.TrimEnd('\n').Split('\n'), "decode", "--tokenizer", folder);
        Assert.Equal((0, 0), (encodeCode, decodeCode));
        Assert.Equal(lines.Select(Text), text.TrimEnd('\n').Split('\n').Select(Text));
        Assert.Contains("日本", text, StringComparison.Ordinal);

        static string Text(string json) => JsonSerializer.Deserialize<string>(json)!;
    }

    [Theory]
    [InlineData("encode", "not json", "line 2: expected a JSON string")]
    [InlineData("encode", "[1]", "line 2: expected a JSON string")]
    [InlineData("encode", "\"\\ud800\"", "line 2: expected a JSON string")]
    [InlineData("encode", "null", "line 2: expected a JSON string")]
    [InlineData("decode", "\"text\"", "line 2: expected a JSON array of token ids")]
    [InlineData("decode", "[1.5]", "line 2: expected a JSON array of token ids")]
    [InlineData("decode", "[2048]", "line 2: expected token ids from 0 to 2047, found 2048")]
    [InlineData("decode", "[-1]", "found -1")]
    public async Task A_bad_line_ends_the_command_with_its_number(string command, string bad, string expected)
    {
        (int code, string output, string errors) = await RunAsync([command == "encode" ? "\"a\"" : "[1]", bad], command, "--tokenizer", TokenFolder.TokenizerPath);
        Assert.Equal(2, code);
        Assert.Single(output.TrimEnd('\n').Split('\n'));
        Assert.Contains(expected, errors, StringComparison.Ordinal);
        Assert.Single(errors.TrimEnd('\n').Split('\n'));
    }

    [Theory]
    [InlineData("61E9", true)]
    [InlineData("EFBBBF2261E922", true)]
    [InlineData("FFFE22006100220000D8", true)]
    [InlineData("EFBBBF226122", false)]
    public async Task Bytes_that_are_not_utf8_are_refused_with_or_without_a_mark(string hex, bool refused)
    {
        using Process encode = Start("encode", "--tokenizer", TokenFolder.TokenizerPath, "--no-special-tokens");
        await encode.StandardInput.BaseStream.WriteAsync(Convert.FromHexString(hex), TestContext.Current.CancellationToken);
        encode.StandardInput.Close();
        string errors = await encode.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await encode.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(refused ? 2 : 0, encode.ExitCode);
        Assert.Equal(refused, errors.StartsWith("stdin, line 1: expected UTF-8 text", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("encode", "\"a\"", PosixSignal.SIGINT)]
    [InlineData("decode", "[1]", PosixSignal.SIGTERM)]
    public async Task A_signal_ends_the_wait_for_another_line(string command, string line, PosixSignal signal)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "signals of Unix");
        using Process process = Start(command, "--tokenizer", TokenFolder.TokenizerPath);
        await process.StandardInput.WriteLineAsync(line);
        await process.StandardInput.FlushAsync(TestContext.Current.CancellationToken);
        Assert.NotNull(await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));
        TrainerProcess.Signal(process.Id, signal);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(130, process.ExitCode);
    }

    [Fact]
    public async Task A_missing_tokenizer_is_named()
    {
        (int code, _, string errors) = await RunAsync([], "encode", "--tokenizer", "no/such.model");
        Assert.Equal(2, code);
        Assert.Contains("no/such.model", errors, StringComparison.Ordinal);
    }

    private static async Task<(int Code, string Output, string Errors)> RunAsync(IEnumerable<string> lines, params string[] arguments)
    {
        using Process process = Start(arguments);
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        foreach (string line in lines)
        {
            await process.StandardInput.WriteLineAsync(line);
        }
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await errors);
    }

    private static Process Start(params string[] arguments)
    {
        var utf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        return Process.Start(new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "Factory.Trainer.exe" : "Factory.Trainer"), arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = utf8,
            StandardOutputEncoding = utf8,
        })!;
    }
}
