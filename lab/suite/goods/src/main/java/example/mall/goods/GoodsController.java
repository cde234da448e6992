package example.mall.goods;

import java.util.List;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

@RestController
@RequestMapping("/goods")
public class GoodsController {

    private final Catalogue catalogue;

    public GoodsController(Catalogue catalogue) {
        this.catalogue = catalogue;
    }

    @GetMapping
    public List<Goods> list() {
        return catalogue.all();
    }

    @GetMapping("/{id}")
    public ResponseEntity<Goods> get(@PathVariable long id) {
        return ResponseEntity.of(catalogue.find(id));
    }
}
