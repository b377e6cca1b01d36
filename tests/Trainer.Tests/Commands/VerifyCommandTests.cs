using System.Text.Json;

namespace Factory.Trainer.Tests.Commands;

public sealed class VerifyCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task A_reference_that_agrees_ends_with_0_and_one_that_does_not_with_1()
    {
        string reference = GoldenData.At("method_golden", "lns");
        (int code, string output, string errors) = await TrainerProcess.RunAsync(_folder.Path, "verify", "--reference", reference, "--device", "cpu");
        Assert.Equal(0, code);
        Assert.StartsWith("ok ", output, StringComparison.Ordinal);
        Assert.EndsWith("agree within 1e-9.", errors.TrimEnd(), StringComparison.Ordinal);

        (code, output, errors) = await TrainerProcess.RunAsync(_folder.Path, "verify", "--reference", reference, "--device", "cpu", "--tolerance", "0", "--json");
        Assert.Equal(1, code);
        using JsonDocument report = JsonDocument.Parse(output);
        Assert.Equal("lns", report.RootElement.GetProperty("norm_scheme").GetString());
        Assert.False(report.RootElement.GetProperty("passed").GetBoolean());
        Assert.InRange(report.RootElement.GetProperty("largest_difference").GetDouble(), double.Epsilon, 1e-9);
        Assert.Equal(42, report.RootElement.GetProperty("differences").EnumerateObject().Count());
        Assert.Contains("differ by more than", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("fused-libtorch")]
    [InlineData("fused-onednn")]
    public async Task Every_kernel_set_agrees_with_gradients_and_training_steps_in_float32(string kernels)
    {
        (int code, _, string errors) = await TrainerProcess.RunAsync(_folder.Path, "verify",
            "--reference", GoldenData.At("method_golden", "lns"), "--reference", GoldenData.At("method_golden", "training", "lns-modern"),
            "--reference", GoldenData.At("method_golden", "training", "lns-masked"), "--device", "cpu", "--dtype", "float32", "--kernels", kernels, "--tolerance", "1e-4");
        Assert.Equal(0, code);
        Assert.EndsWith("All 3 references agree within 1e-4.", errors.TrimEnd(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--kernels: 'fused-libtorch' computes in float32 on a CPU", "verify", "--reference", ".", "--kernels", "fused-libtorch")]
    [InlineData("--reference: expected a folder", "verify", "--reference", "nowhere")]
    [InlineData("--dtype: expected float64 or float32, found 'float8'", "verify", "--reference", ".", "--dtype", "float8")]
    [InlineData("--tolerance: expected a number from 0 up", "verify", "--reference", ".", "--tolerance", "-1")]
    public async Task A_mistake_is_one_line_and_exit_code_2(string expected, params string[] arguments)
    {
        (int code, string output, string errors) = await TrainerProcess.RunAsync(_folder.Path, arguments);
        Assert.Equal((2, ""), (code, output));
        Assert.StartsWith(expected, errors, StringComparison.Ordinal);
        Assert.Single(errors.TrimEnd().Split('\n'));
    }

    [Fact]
    public async Task Methods_lists_every_method()
    {
        (int code, string output, _) = await TrainerProcess.RunAsync(_folder.Path, "methods");
        Assert.Equal(0, code);
        Assert.All(Core.Architecture.Methods.NormSchemes.Names.Where(name => name.Length < 12), name => Assert.Contains(name, output, StringComparison.Ordinal));
        Assert.Equal(Core.Architecture.Methods.MethodsPage.ToMarkdown(), (await TrainerProcess.RunAsync(_folder.Path, "methods", "--markdown")).Output);
    }

    public void Dispose() => _folder.Dispose();
}
