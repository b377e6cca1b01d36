using System.CommandLine;
using Factory.CommandLine;
using Factory.Core.Machine;
using Factory.Runtime.Doctor;

namespace Factory.InferenceApi.Commands;

/// <summary><c>InferenceApi doctor</c>: what this machine offers for serving.</summary>
internal static class DoctorCommand
{
    public static Command Create()
    {
        Option<string?> plugin = new("--cuda-plugin") { Description = "ONNX Runtime plugin library to try for CUDA.", HelpName = "FILE" };
        var command = new Command("doctor", "Show the processor, GPU, ONNX Runtime, precisions and speed that the server would use, and what to do about what is missing.") { plugin };
        command.SetAction(parsed => DoctorReport.Print([.. HostFindings.Collect(), .. OnnxRuntimeFindings.Collect(parsed.GetValue(plugin))]));
        return command;
    }
}
