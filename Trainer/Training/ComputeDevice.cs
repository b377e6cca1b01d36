using Factory.Trainer.LibTorch;
using static TorchSharp.torch;

namespace Factory.Trainer.Training;

/// <summary>Makes libtorch ready for a command.</summary>
internal static class ComputeDevice
{
    /// <param name="choice">"auto", "cpu", "cuda" or "cuda:n".</param>
    /// <param name="threads">CPU threads; 0 for one per core.</param>
    /// <exception cref="Core.UserError">libtorch cannot be loaded, or the device is not there.</exception>
    public static DeviceChoice Choose(string choice, int threads)
    {
        LibTorchLibrary.Prepare();
        DeviceChoice device = DeviceChoice.Parse(choice);
        set_num_threads(threads > 0 ? threads : Environment.ProcessorCount);
        return device;
    }
}
