"""The peer of bench/Training: the same step in PyTorch (LLaMA with LayerNorm Scaling, AdamW, clipping), on random tokens.

    python3 peer.py --mode eager|compile --precision fp32|bf16 [shape options as bench/Training] [--device cpu|cuda]

Prints one JSON object. bf16 is torch.autocast over float32 weights. On a CPU torch.compile needs a C++ compiler.
"""
import argparse
import json
import math
import resource
import statistics
import time

import torch
import torch.nn as nn
import torch.nn.functional as F


class RMSNorm(nn.Module):
    def __init__(self, width, factor=1.0):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))
        self.width, self.factor = width, factor

    def forward(self, x):
        return F.rms_norm(x, (self.width,), self.weight, 1e-6) * self.factor


class Block(nn.Module):
    def __init__(self, depth, hidden, intermediate, heads):
        super().__init__()
        factor = 1 / math.sqrt(depth)
        self.heads = heads
        self.norm1, self.norm2 = RMSNorm(hidden, factor), RMSNorm(hidden, factor)
        self.qkv = nn.Linear(hidden, 3 * hidden, bias=False)
        self.out = nn.Linear(hidden, hidden, bias=False)
        self.gate_up = nn.Linear(hidden, 2 * intermediate, bias=False)
        self.down = nn.Linear(intermediate, hidden, bias=False)

    @staticmethod
    def rotate(x, cosine, sine):
        first, second = x.chunk(2, dim=-1)
        return torch.cat([first * cosine - second * sine, second * cosine + first * sine], dim=-1)

    def forward(self, x, cosine, sine):
        batch, length, hidden = x.shape
        q, k, v = self.qkv(self.norm1(x)).view(batch, length, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        mixed = F.scaled_dot_product_attention(self.rotate(q, cosine, sine), self.rotate(k, cosine, sine), v, is_causal=True)
        x = x + self.out(mixed.transpose(1, 2).reshape(batch, length, hidden))
        gate, up = self.gate_up(self.norm2(x)).chunk(2, dim=-1)
        return x + self.down(F.silu(gate) * up)


class Model(nn.Module):
    def __init__(self, a):
        super().__init__()
        size = a.hidden // a.heads
        self.embedding = nn.Embedding(a.vocabulary, a.hidden)
        self.blocks = nn.ModuleList(Block(i + 1, a.hidden, a.intermediate, a.heads) for i in range(a.blocks))
        self.norm = RMSNorm(a.hidden)
        self.head = nn.Linear(a.hidden, a.vocabulary, bias=False)
        angles = torch.arange(a.sequence)[:, None] * 10000.0 ** (-torch.arange(0, size, 2) / size)
        self.register_buffer("cosine", angles.cos(), persistent=False)
        self.register_buffer("sine", angles.sin(), persistent=False)
        for p in self.parameters():
            if p.dim() > 1:
                nn.init.normal_(p, std=0.02)

    def forward(self, ids, labels):
        x = self.embedding(ids)
        for block in self.blocks:
            x = block(x, self.cosine, self.sine)
        return F.cross_entropy(self.head(self.norm(x)).float().view(-1, self.head.out_features), labels.view(-1))


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--mode", choices=["eager", "compile"], default="eager")
    options.add_argument("--precision", choices=["fp32", "bf16"], default="fp32")
    options.add_argument("--device", default="cpu")
    for name, default in dict(hidden=256, intermediate=688, blocks=8, heads=4, vocabulary=8192, sequence=256, batch=16, steps=10, threads=0).items():
        options.add_argument(f"--{name}", type=int, default=default)
    options.add_argument("--micro-batch", type=int)
    a = options.parse_args()
    if a.threads:
        torch.set_num_threads(a.threads)
    torch.manual_seed(1)
    micro = a.micro_batch or a.batch
    model = Model(a).to(a.device)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, betas=(0.9, 0.95), weight_decay=0.1, fused=True)
    run = torch.compile(model) if a.mode == "compile" else model
    rows = torch.randint(0, a.vocabulary, (a.batch, a.sequence + 1), device=a.device)
    kind = a.device.split(":")[0]

    def wait():
        if kind == "cuda":
            torch.cuda.synchronize()

    def step():
        optimizer.zero_grad(set_to_none=True)
        for part in rows.split(micro):
            with torch.autocast(kind, torch.bfloat16, enabled=a.precision == "bf16"):
                loss = run(part[:, :-1].contiguous(), part[:, 1:].contiguous()) * (len(part) / a.batch)
            loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        return loss.item()

    def gemm(dtype):
        x = torch.ones(2048, 2048, device=a.device, dtype=dtype)
        best = math.inf
        for _ in range(8):
            wait()
            start = time.perf_counter()
            x @ x
            wait()
            best = min(best, time.perf_counter() - start)
        return 2 * 2048**3 / best / 1e9

    for _ in range(3):
        step()
    times = []
    for _ in range(a.steps):
        wait()
        start = time.perf_counter()
        step()
        wait()
        times.append(time.perf_counter() - start)
    median = statistics.median(times)
    print(json.dumps(dict(
        torch=torch.__version__, mode=a.mode, precision=a.precision, device=a.device, threads=torch.get_num_threads(),
        parameters=sum(p.numel() for p in model.parameters()), median_ms=median * 1e3, best_ms=min(times) * 1e3,
        tokens_per_second=a.batch * a.sequence / median, gemm_fp32_gflops=gemm(torch.float32), gemm_bf16_gflops=gemm(torch.bfloat16),
        peak_rss_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3), indent=2))


main()
