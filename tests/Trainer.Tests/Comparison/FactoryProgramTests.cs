using Factory.Trainer.Comparison;

namespace Factory.Trainer.Tests.Comparison;

public sealed class FactoryProgramTests
{
    [Theory]
    [InlineData("app", "app/Factory.Evals.dll", true)]
    [InlineData("bin/Trainer/release_linux-x64", "bin/Evals/release/Factory.Evals.dll", true)]
    [InlineData("bin/Trainer/release", "bin/Evals/release_cuda/Factory.Evals.dll", true)]
    [InlineData("bin/Trainer/release_linux-x64", "bin/Evals/debug/Factory.Evals.dll", false)]
    [InlineData("bin/Trainer/release", "bin/Exporter/release/Factory.Exporter.dll", false)]
    public void A_program_is_found_beside_the_Trainer_or_in_the_same_build(string trainer, string program, bool found)
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder.At(trainer));
        Directory.CreateDirectory(Path.GetDirectoryName(folder.At(program))!);
        File.WriteAllText(folder.At(program), "");
        Assert.Equal(found ? Path.GetFullPath(folder.At(program)) : null, FactoryProgram.Find("Evals", folder.At(trainer) + Path.DirectorySeparatorChar));
    }
}
