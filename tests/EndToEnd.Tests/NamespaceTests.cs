using ArchUnitNET.Domain;
using ArchUnitNET.Fluent.Slices;
using ArchUnitNET.Loader;

namespace Factory.EndToEnd.Tests;

/// <summary>Inside a project the namespaces depend on each other in one direction only: each can be read and changed without all others.</summary>
public class NamespaceTests
{
    [Theory]
    [InlineData("Core", Executable.InferenceApi)]
    [InlineData("Runtime", Executable.InferenceApi)]
    [InlineData("CommandLine", Executable.InferenceApi)]
    [InlineData("Plots", Executable.InferenceApi)]
    [InlineData("Evals", Executable.InferenceApi)]
    [InlineData("InferenceApi", Executable.InferenceApi)]
    [InlineData("Exporter", Executable.Exporter)]
    [InlineData("Trainer", Executable.Trainer)]
    public void Namespaces_have_no_cycles(string project, string executable)
    {
        string folder = Path.GetDirectoryName(Executable.PathOf(executable))!;
        Architecture architecture = new ArchLoader().LoadFilteredDirectory(folder, $"Factory.{project}.dll").Build();
        Assert.NotEmpty(architecture.Types);
        string[] cycles = [.. SliceRuleDefinition.Slices().Matching($"Factory.{project}.(*)").Should().BeFreeOfCycles()
            .Evaluate(architecture).Where(result => !result.Passed).Select(result => result.Description)];
        Assert.True(cycles.Length == 0, string.Join("\n", cycles));
    }
}
