using System.Xml.Linq;

namespace Factory.Core.Tests;

/// <summary>The solution's picture: who may know whom.</summary>
public class SolutionTests
{
    private static readonly Dictionary<string, string[]> Arrows = new()
    {
        ["Core"] = [],
        ["Runtime"] = ["Core"],
        ["CommandLine"] = ["Core"],
        ["Plots"] = [],
        ["Trainer"] = ["Core", "CommandLine", "Plots"],
        ["Exporter"] = ["Core", "CommandLine", "Runtime"],
        ["Evals"] = ["Core", "CommandLine", "Plots", "Runtime"],
        ["InferenceApi"] = ["Core", "CommandLine", "Runtime", "Evals"],
    };

    [Fact]
    public void The_projects_reference_each_other_as_the_architecture_says()
    {
        Dictionary<string, string[]> found = Projects(GoldenData.Repository)
            .Where(IsProduct)
            .ToDictionary(project => Path.GetFileNameWithoutExtension(project), References);
        Assert.Equal(Arrows.Keys.Order(), found.Keys.Order());
        Assert.All(Arrows, arrow => Assert.Equal(arrow.Value.Order(), found[arrow.Key].Order()));
    }

    [Fact]
    public void Only_the_trainers_tests_and_bench_reference_the_trainer()
    {
        string[] users = [.. Projects(GoldenData.Repository).Where(project => References(project).Contains("Trainer")).Select(project => Path.GetFileNameWithoutExtension(project))];
        Assert.Equal(["Trainer.Tests", "Training"], users.Order());
    }

    [Fact]
    public void Nothing_references_tests_or_benches()
    {
        string[] others = [.. Projects(GoldenData.Repository).Where(project => !IsProduct(project)).Select(project => Path.GetFileNameWithoutExtension(project))];
        Assert.All(Projects(GoldenData.Repository), project => Assert.Empty(References(project).Intersect(others)));
    }

    [Fact]
    public void Every_project_is_in_the_solution()
    {
        string solution = File.ReadAllText(Path.Combine(GoldenData.Repository, "Factory.sln"));
        Assert.All(Projects(GoldenData.Repository), project =>
            Assert.Contains(Path.GetRelativePath(GoldenData.Repository, project).Replace('/', '\\'), solution, StringComparison.Ordinal));
    }

    [Fact]
    public void Native_packages_stay_where_they_belong()
    {
        Assert.Equal(["Interop.Tests", "Runtime"], UsersOf("Microsoft.ML.OnnxRuntime")); // the former: onnxruntime-genai, to see that it loads our folders
        Assert.Equal(["Trainer", "Trainer.Tests", "Training"], UsersOf("TorchSharp"));

        static IEnumerable<string> UsersOf(string package) => Projects(GoldenData.Repository)
            .Where(project => Items(project, "PackageReference").Concat(Imports(project).SelectMany(import => Items(import, "PackageReference"))).Any(name => name.StartsWith(package, StringComparison.Ordinal)))
            .Select(project => Path.GetFileNameWithoutExtension(project))
            .Order();
    }

    [Fact]
    public void Libraries_have_no_console()
    {
        foreach (string library in new[] { "Core", "Runtime", "Plots" })
        {
            string locked = File.ReadAllText(Path.Combine(GoldenData.Repository, library, "packages.lock.json"));
            Assert.DoesNotContain("System.CommandLine", locked, StringComparison.Ordinal);
            Assert.DoesNotContain("Spectre.Console", locked, StringComparison.Ordinal);
            Assert.All(Directory.EnumerateFiles(Path.Combine(GoldenData.Repository, library), "*.cs", SearchOption.AllDirectories),
                source => Assert.DoesNotMatch(@"\bConsole\.", File.ReadAllText(source)));
        }
    }

    private static IEnumerable<string> Projects(string folder) => Directory.EnumerateFiles(folder, "*.csproj", SearchOption.TopDirectoryOnly)
        .Concat(Directory.EnumerateDirectories(folder)
            .Where(child => Path.GetFileName(child) is not ("artifacts" or "bin" or "obj" or ".git"))
            .SelectMany(Projects));

    /// <summary>A top-level folder; tests and benches lie one deeper.</summary>
    private static bool IsProduct(string project) => Path.GetRelativePath(GoldenData.Repository, project).Split(Path.DirectorySeparatorChar).Length == 2;

    /// <summary>Projects whose code it sees; one that it only has built first, to run it as a process, is none.</summary>
    private static string[] References(string project) => [.. XDocument.Load(project).Descendants("ProjectReference")
        .Where(reference => reference.Attribute("ReferenceOutputAssembly")?.Value != "false")
        .Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value.Replace('\\', '/')))];

    private static IEnumerable<string> Imports(string project) =>
        XDocument.Load(project).Descendants("Import").Select(import => Path.Combine(Path.GetDirectoryName(project)!, import.Attribute("Project")!.Value));

    private static IEnumerable<string> Items(string file, string kind) => XDocument.Load(file).Descendants(kind).Select(item => item.Attribute("Include")!.Value);
}
