using static TorchSharp.torch;

namespace Factory.Trainer.Training;

/// <summary>Updates flat, dense tensors of one length in place.</summary>
internal interface IAdamUpdate : IDisposable
{
    void Run(Tensor weights, Tensor gradients, Tensor first, Tensor second, in AdamNumbers numbers);
}
