using System.CommandLine;
using Factory.CommandLine;
using Factory.Core.Machine;
using Factory.Trainer.LibTorch;

namespace Factory.Trainer.Commands;

/// <summary><c>Trainer doctor</c>: what this machine offers for training.</summary>
internal static class DoctorCommand
{
    public static Command Create()
    {
        var command = new Command("doctor", "Show the processor, GPU, libtorch, precisions and speed that training would use, and what to do about what is missing.");
        command.SetAction(_ => DoctorReport.Print([.. HostFindings.Collect(), .. LibTorchFindings.Collect()]));
        return command;
    }
}
